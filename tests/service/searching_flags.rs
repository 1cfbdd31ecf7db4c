//! An electronic patient record asks about a child: `search_flags`.

use crate::support::{TestService, a_plan, form};

const NUMBER: &str = "9990000026";

#[test]
fn a_childs_plan_is_found_as_a_flag_by_nhs_number() {
    let service = TestService::new();
    service.tell(&[a_plan().child(NUMBER)]);
    let token = format!("https://fhir.nhs.uk/Id/nhs-number|{NUMBER}");
    let answer = service.post_form("Flag/_search", &form(&[("patient:identifier", &token)]));
    assert_eq!(answer.total(), 1);
    let flag = &answer.matches()[0];
    assert_eq!(flag["code"]["coding"][0]["code"], "342191000000101");
    assert_eq!(flag["author"]["display"], "Northshire Council (E90001)");
    assert_eq!(service.accesses(), 1);
    assert_eq!(service.notifications(), 1);
}
