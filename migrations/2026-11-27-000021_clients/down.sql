drop table register_changes;
drop function refuse_changed_register_change;
drop table unattended_clients;
drop table client_scopes;
drop table client_organisations;
drop table clients;
