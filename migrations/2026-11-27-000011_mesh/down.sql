revoke select on authority_channels from cpis_intake;
drop index a_mailbox_is_one_authoritys;
drop table mesh_watches;
drop table mesh_messages;
