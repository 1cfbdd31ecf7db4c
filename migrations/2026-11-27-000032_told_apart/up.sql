-- The notifier sends to every authority, and also answers each that pulls, acknowledges or subscribes
-- for itself. Such a transaction says whose it is, and is held to that authority's rows as the intake
-- is. One that says nothing is a sender's, which tells all of them.
alter policy the_other_sides_have_all on notifications to cpis_query, cpis_upkeep;
create policy who_says_whose_it_is_has_its_own on notifications to cpis_notifier
    using (coalesce(authority_id = (select own_authority()), true));
alter policy the_other_sides_have_all on uploads to cpis_query, cpis_upkeep;
create policy who_says_whose_it_is_has_its_own on uploads to cpis_notifier
    using (coalesce(authority_id = (select own_authority()), true));

alter table subscriptions enable row level security;
create policy who_says_whose_it_is_has_its_own on subscriptions to cpis_notifier
    using (coalesce(authority_id = (select own_authority()), true));
alter table authority_channels enable row level security;
create policy who_says_whose_it_is_has_its_own on authority_channels to cpis_notifier
    using (coalesce(authority_id = (select own_authority()), true));
create policy the_other_sides_have_all on authority_channels to cpis_query, cpis_upkeep using (true);
