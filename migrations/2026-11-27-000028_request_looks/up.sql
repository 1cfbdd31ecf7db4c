-- Which look a client's request was, so that the same request, sent again because its answer never
-- arrived, is the same look. A request of a batch is told by its place. What was asked is a keyed
-- digest. Kept for a day.
create table request_looks (
    client_id text not null,
    request_id uuid not null,
    place smallint not null,
    question bytea not null,
    access_id uuid not null,
    recorded_at timestamptz not null,
    primary key (client_id, request_id, place),
    constraint a_questions_digest_is_sha_256 check (octet_length(question) = 32),
    constraint a_request_looks_at_places_from_nought check (place >= 0)
);
create index request_looks_by_moment on request_looks using brin (recorded_at);

grant select, insert, delete on request_looks to cpis_query;
