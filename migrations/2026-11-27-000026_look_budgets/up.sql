-- What people, organisations and clients spent of what they may look at within an hour, in slots of
-- five minutes since 1970, from all processes. A slot is removed when it counts no longer.
create table look_tallies (
    holder text not null,
    key text not null,
    slot bigint not null,
    children integer not null,
    misses integer not null,
    primary key (holder, key, slot),
    constraint a_budget_is_a_persons_an_organisations_or_a_clients
        check (holder in ('person', 'organisation', 'client')),
    constraint no_more_looks_miss_than_there_are check (misses between 0 and children)
);
create index look_tallies_by_slot on look_tallies (slot);

-- Uses of the service that somebody should look at; nothing of any child. Of a kind and a holder
-- there is one in an hour, whichever process found it.
create table look_findings (
    id uuid not null,
    found_at timestamptz not null,
    found_in_hour bigint not null,
    kind text not null,
    holder text not null,
    key text not null,
    count integer not null,
    closed_at timestamptz,
    outcome text,
    primary key (id),
    constraint a_finding_is_told_once_in_an_hour unique (kind, holder, key, found_in_hour),
    constraint a_finding_is_of_a_known_kind check (kind in ('near-budget', 'spent-budget',
        'numbers-in-a-row', 'many-children', 'out-of-hours', 'repeated-views')),
    constraint a_finding_is_of_a_person_an_organisation_or_a_client
        check (holder in ('person', 'organisation', 'client')),
    constraint a_finding_counts_something check (count > 0),
    constraint a_closed_finding_says_what_came_of_it check (
        (closed_at is null) = (outcome is null) and length(outcome) between 1 and 500),
    constraint a_finding_is_closed_after_it_is_found check (closed_at >= found_at)
);
create index look_findings_by_moment on look_findings (found_at);

grant select, insert, update, delete on look_tallies to cpis_query;
-- To pass over what is there already, PostgreSQL reads the columns of the rule.
grant insert, select (kind, holder, key, found_in_hour) on look_findings to cpis_query;
