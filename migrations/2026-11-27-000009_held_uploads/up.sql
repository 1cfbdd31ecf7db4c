-- Files that would end an unlikely share of an authority's plans, until the authority says that
-- they are meant to. Nothing of a file's content is kept here: it is sent again, and known by its
-- digest.
create table held_uploads (
    authority_id uuid not null references authorities (id),
    sequence bigint not null,
    digest bytea not null,
    held_at timestamptz not null,
    client_id text not null,
    current_plans bigint not null,
    ending_plans bigint not null,
    confirmed_at timestamptz,
    confirmed_by text,
    primary key (authority_id, sequence),
    constraint a_held_digest_is_a_sha_256 check (length(digest) = 32),
    constraint a_held_file_ends_some_of_the_current_plans
        check (ending_plans between 1 and current_plans),
    constraint a_confirmation_says_who_and_when
        check ((confirmed_at is null) = (confirmed_by is null))
);

grant select, insert, update on held_uploads to cpis_intake;
