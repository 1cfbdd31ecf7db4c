-- One line a plan: the path of a conditional update, a tab, and the body it is told by, in which
-- YYYY-MM-DD stands for its last day.
select '/FHIR/R4/EpisodeOfCare?identifier=https%3A%2F%2Fcpis-fhir.invalid%2FId%2F'
    || 'local-authority-child-id%2FE90001%7C' || p.local_id
    || '&type=http%3A%2F%2Fsnomed.info%2Fsct%7C' || kind.code || '&start=' || p.start_date
    || chr(9) || json_build_object(
        'resourceType', 'EpisodeOfCare',
        'contained', json_build_array(json_build_object(
            'resourceType', 'Patient', 'id', 'child',
            'identifier', json_build_array(json_build_object(
                'system', 'https://fhir.nhs.uk/Id/nhs-number', 'value', p.nhs_number::text)),
            'name', json_build_array(json_build_object(
                'family', 'Okonkwo', 'given', json_build_array('Ada'))),
            'birthDate', c.birth_date)),
        'identifier', json_build_array(json_build_object(
            'system', 'https://cpis-fhir.invalid/Id/local-authority-child-id/E90001',
            'value', p.local_id)),
        'status', 'active',
        'type', json_build_array(json_build_object('coding', json_build_array(json_build_object(
            'system', 'http://snomed.info/sct', 'code', kind.code)))),
        'patient', json_build_object('reference', '#child'),
        'managingOrganization', json_build_object('identifier', json_build_object(
            'system', 'https://fhir.nhs.uk/Id/ods-organization-code', 'value', 'E90001')),
        'period', json_build_object('start', p.start_date, 'end', 'YYYY-MM-DD')
    )::text as text
from plans p
join authorities a on a.id = p.authority_id and a.code = 'E90001'
join children c on c.nhs_number = p.nhs_number
join (values ('CPP', '342191000000101'), ('CLA', '764841000000100')) kind (name, code)
    on kind.name = p.kind
where p.effective_end_date >= current_date
