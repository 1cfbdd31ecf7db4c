-- A gateway, known by its certificate, says who the user is and in which job role; what that role may
-- do it does not say, and the register does.
alter table clients
    drop constraint a_client_comes_by_a_door_that_there_is,
    add constraint a_client_comes_by_a_door_that_there_is
        check (front_door in ('token-service', 'issuer', 'gateway')),
    add constraint a_gateway_has_a_certificate
        check (front_door <> 'gateway' or certificate is not null);
create unique index a_certificate_is_of_one_gateway on clients (certificate)
    where front_door = 'gateway';

create table job_role_activities (
    job_role_code text not null,
    activity_code text not null,
    primary key (job_role_code, activity_code),
    constraint a_job_role_has_a_national_code check (job_role_code ~ '^R[0-9]{1,8}$'),
    constraint an_activity_has_a_national_code check (activity_code ~ '^B[0-9]{1,8}$')
);

grant select on job_role_activities to cpis_query;
