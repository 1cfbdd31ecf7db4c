-- A client's keys are on the register, or at a URL that is: there they can change without us.
alter table clients
    add column key_set_url text,
    drop constraint a_client_of_the_token_service_has_keys,
    add constraint a_client_of_the_token_service_has_keys
        check (front_door <> 'token-service' or key_set is not null or key_set_url is not null),
    add constraint a_client_has_its_keys_from_one_place
        check (key_set is null or key_set_url is null),
    add constraint a_key_set_url_is_of_visible_characters
        check (key_set_url ~ '^https?://[!-~]+$' and length(key_set_url) <= 500);
