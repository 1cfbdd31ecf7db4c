delete from clients where key_set_url is not null;
alter table clients
    drop constraint a_key_set_url_is_of_visible_characters,
    drop constraint a_client_has_its_keys_from_one_place,
    drop constraint a_client_of_the_token_service_has_keys,
    add constraint a_client_of_the_token_service_has_keys
        check (front_door <> 'token-service' or key_set is not null),
    drop column key_set_url;
