-- How many plans requests about single plans have ended or withdrawn, so that many of them together
-- are guarded as one file is. What its authority confirmed begins the count anew.
create table ended_by_writes (
    upload_id uuid not null references uploads (id),
    authority_id uuid not null references authorities (id),
    ended_at timestamptz not null,
    plans integer not null,
    confirmed boolean not null,
    primary key (upload_id),
    constraint requests_that_end_plans_end_one_at_least check (plans >= 1)
);
create index ended_by_writes_by_authority on ended_by_writes (authority_id, ended_at);

grant select, insert on ended_by_writes to cpis_intake;
