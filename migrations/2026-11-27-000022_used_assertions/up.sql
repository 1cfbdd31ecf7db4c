-- Which assertions have been used at the token endpoint, until they would be refused as expired:
-- the key lets each be used once, however many processes it reaches at the same moment.
create table used_assertions (
    client_id text not null,
    token_id text not null,
    expires_at timestamptz not null,
    primary key (client_id, token_id),
    constraint an_assertion_has_an_id check (length(token_id) between 1 and 256)
);
create index used_assertions_by_end on used_assertions (expires_at);

grant select, insert, delete on used_assertions to cpis_query;
