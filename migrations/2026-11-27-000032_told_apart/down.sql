drop policy the_other_sides_have_all on authority_channels;
drop policy who_says_whose_it_is_has_its_own on authority_channels;
alter table authority_channels disable row level security;
drop policy who_says_whose_it_is_has_its_own on subscriptions;
alter table subscriptions disable row level security;
drop policy who_says_whose_it_is_has_its_own on uploads;
alter policy the_other_sides_have_all on uploads to cpis_query, cpis_upkeep, cpis_notifier;
drop policy who_says_whose_it_is_has_its_own on notifications;
alter policy the_other_sides_have_all on notifications to cpis_query, cpis_upkeep, cpis_notifier;
