-- Messages of our MESH mailbox: what became of each, and how often it was tried. What was put aside
-- stays here until somebody has looked; nothing of what a message says is kept.
create table mesh_messages (
    id text not null,
    sender text,
    workflow text,
    first_seen_at timestamptz not null,
    tried_at timestamptz not null,
    attempts integer not null default 1,
    outcome text,
    detail text,
    primary key (id),
    constraint a_mesh_message_has_an_id check (id ~ '^[A-Za-z0-9_-]{1,100}$'),
    constraint a_mesh_message_was_tried_once_at_least check (attempts >= 1),
    constraint a_mesh_outcome_is_one_of_these check (outcome in ('acknowledged', 'reported',
        'unknown-mailbox', 'another-workflow', 'gone', 'undeliverable'))
);
create index mesh_messages_put_aside on mesh_messages (sender)
    where outcome <> 'acknowledged';

-- Which process looks into a mailbox, and until when: files of an authority are taken in one after
-- another, and two processes that each took one would refuse the later as out of order.
create table mesh_watches (
    mailbox text not null,
    watcher uuid not null,
    held_until timestamptz not null,
    primary key (mailbox)
);

grant select, insert, update, delete on mesh_messages, mesh_watches to cpis_intake;

-- Whose file it is follows from its mailbox, which must therefore be one authority's.
create unique index a_mailbox_is_one_authoritys on authority_channels (endpoint)
    where kind = 'mesh';
grant select on authority_channels to cpis_intake;
