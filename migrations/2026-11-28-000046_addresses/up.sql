-- From where a refused request came. A row that counts several names no address.
alter table security_log
    add column address text,
    add constraint an_address_is_one check (address ~ '^[0-9a-f.:]{2,45}$'),
    add constraint a_count_of_refusals_names_no_address
        check (request_id is not null or address is null);
