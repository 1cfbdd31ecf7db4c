-- Who may do what: the query side answers callers, the intake side takes uploads in, and neither
-- owns anything. Roles belong to the whole cluster, so another database may have made them already.
do $$
begin
    if not exists (select from pg_roles where rolname = 'cpis_query') then
        create role cpis_query nologin;
    end if;
    if not exists (select from pg_roles where rolname = 'cpis_intake') then
        create role cpis_intake nologin;
    end if;
end
$$;
