-- A role that another database of the cluster still uses stays.
do $$
begin
    drop role cpis_intake;
exception when dependent_objects_still_exist then null;
end
$$;
do $$
begin
    drop role cpis_query;
exception when dependent_objects_still_exist then null;
end
$$;
