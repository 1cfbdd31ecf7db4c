drop table job_role_activities;
drop index a_certificate_is_of_one_gateway;
delete from clients where front_door = 'gateway';
alter table clients
    drop constraint a_gateway_has_a_certificate,
    drop constraint a_client_comes_by_a_door_that_there_is,
    add constraint a_client_comes_by_a_door_that_there_is
        check (front_door in ('token-service', 'issuer'));
