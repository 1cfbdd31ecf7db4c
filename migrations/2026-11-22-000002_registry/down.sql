drop table organisation_care_settings;
drop table organisations;
drop table authorities;
