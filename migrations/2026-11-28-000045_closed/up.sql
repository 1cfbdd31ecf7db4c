-- Who tells every authority says so. Until now a transaction of the notifier that said nothing was
-- taken for a sender's, and one of an authority that is not on the register said nothing. Whoever
-- says whose it is is held to that authority, and does not tell the others whatever else it said.
create function tells_every_authority() returns boolean
    language sql stable parallel safe
    return coalesce(current_setting('cpis.tells', true) = 'every-authority', false)
        and own_authority() is null;

do $$
declare
    told text;
begin
    foreach told in array array['notifications', 'uploads', 'subscriptions', 'authority_channels']
    loop
        execute format('alter policy who_says_whose_it_is_has_its_own on %I using '
            '(authority_id = (select own_authority()) or (select tells_every_authority()))', told);
    end loop;
end
$$;
