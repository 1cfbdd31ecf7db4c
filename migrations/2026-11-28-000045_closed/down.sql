do $$
declare
    told text;
begin
    foreach told in array array['notifications', 'uploads', 'subscriptions', 'authority_channels']
    loop
        execute format('alter policy who_says_whose_it_is_has_its_own on %I using '
            '(coalesce(authority_id = (select own_authority()), true))', told);
    end loop;
end
$$;
drop function tells_every_authority;
