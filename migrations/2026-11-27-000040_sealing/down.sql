revoke select on accesses, access_answers from cpis_sealer;

drop table sealing;
drop table sealed_checkpoints;
drop table sealed_subtrees;
drop table sealed_rows;
drop function refuse_changed_seal;

drop index access_answers_by_transaction;
alter table access_answers drop column transaction_id;
drop index accesses_by_transaction;
alter table accesses drop column transaction_id;

-- A role that another database of the cluster still uses stays.
do $$
begin
    drop role cpis_sealer;
exception when dependent_objects_still_exist then null;
end
$$;
