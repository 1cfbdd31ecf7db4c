alter table security_log
    drop constraint a_count_of_refusals_names_no_address,
    drop constraint an_address_is_one,
    drop column address;
