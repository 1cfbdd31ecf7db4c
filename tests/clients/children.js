// The sandbox's children, by what they are for, and what the tests of every client look for.
export const ONE_PLAN = '9990000026';
export const TWO_PLANS = '9990000042';
export const TWO_AUTHORITIES = '9990000050';
export const NO_PLAN = '9990000018';
export const NOT_AN_NHS_NUMBER = '9990000019';

export const NHS_NUMBER = 'https://fhir.nhs.uk/Id/nhs-number';
export const SNOMED = 'http://snomed.info/sct';
export const CHILD_PROTECTION_PLAN = '342191000000101';
export const UNBORN_CHILD_PROTECTION_PLAN = '818901000000100';

// The search parameters that name a child, and more.
export const of = (nhsNumber, more = {}) =>
  ({ 'patient:identifier': `${NHS_NUMBER}|${nhsNumber}`, ...more });

// The resources of a bundle that the search was for.
export const matches = (bundle) =>
  (bundle.entry ?? []).filter((entry) => entry.search.mode === 'match').map((e) => e.resource);

// The kinds of what came along with them.
export const includedKinds = (bundle) =>
  bundle.entry.filter(({ search }) => search.mode === 'include')
    .map(({ resource }) => resource.resourceType).sort();
