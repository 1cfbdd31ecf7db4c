revoke select (authority_id, ended_at, confirmed) on ended_by_writes from cpis_upkeep;
delete from held_uploads where sequence = 0;
