//! HEAD and OPTIONS of every path: `search_flags`, `read_flag`, `metadata`, `health`.

use actix_web::http::Method;
use cpis_fhir::routes::{Interaction, routes};
use cpis_fhir::sandbox::role::SandboxRole;
use cpis_fhir::server::allowed;

use crate::support::{Ids, TestService, a_plan};

const NUMBER: &str = "9990000026";

#[test]
fn to_head_every_path_answers_as_to_get_with_the_same_access_and_without_a_body() {
    let service = TestService::new();
    service.tell(&[a_plan().child(NUMBER)]);
    let ids = Ids::of(&service);
    let bearer = format!("Bearer {}", service.token(SandboxRole::Clinician));
    for route in routes() {
        if route.method != Method::GET {
            continue;
        }
        let path = match route.interaction {
            Interaction::Search(kind) if !route.path.contains("{id}") => {
                format!("{}?{}", route.path, ids.criterion(kind))
            }
            Interaction::Search(_) => route.path.replace("{id}", ids.id("Patient")),
            Interaction::Read(kind)
            | Interaction::InstanceHistory(kind)
            | Interaction::VersionRead(kind) => ids.path(&service, route.path, kind),
            Interaction::TypeHistory(kind) => format!("{}?{}", route.path, ids.criterion(kind)),
            Interaction::ReadDefinition => {
                let kind = route.path.rsplit('/').nth(1).unwrap();
                let definitions = service.get(kind).ids();
                route.path.replace("{id}", &definitions[0])
            }
            Interaction::Everything => route.path.replace("{id}", ids.id("Patient")),
            // Read by authorities' systems: see `reading_back`.
            Interaction::EverythingOfAll
            | Interaction::ReadAcknowledgement
            | Interaction::OfNotified(_)
            | Interaction::OfAuthority(_)
            // Only where the access history is sealed: see `witnessing`.
            | Interaction::OfAudit(_) => continue,
            _ => route.path.to_owned(),
        };
        let url = format!("{}{path}", service.root);
        let ask = |method: &str| {
            let before = service.accesses();
            let answer = service.ask(method, &url, &[("authorization", &bearer)], b"");
            (answer, service.accesses() - before)
        };
        let ((get, got), (head, looked)) = (ask("GET"), ask("HEAD"));
        assert_eq!((get.status, head.status), (200, 200), "{path}");
        assert_eq!((head.text.as_str(), looked), ("", got), "{path}");
        assert!(!get.text.is_empty());
        for name in [
            "content-type",
            "etag",
            "last-modified",
            "cache-control",
            "vary",
        ] {
            assert_eq!(head.header(name), get.header(name), "{path}: {name}");
        }
        // How long the health of the database took to find differs.
        if route.interaction != Interaction::Health {
            let length = head.header("content-length");
            assert_eq!(length, get.header("content-length"), "{path}");
            assert_eq!(length, Some(get.text.len().to_string().as_str()));
        }
    }
}

#[test]
fn to_head_a_caller_who_may_not_look_is_refused_without_a_body() {
    let service = TestService::new();
    service.tell(&[a_plan().child(NUMBER)]);
    let path = format!("Flag?patient={NUMBER}");
    let answer = service.ask("HEAD", &path, &[], b"");
    assert_eq!((answer.status, answer.text.as_str()), (401, ""));
    assert_eq!(answer.header("www-authenticate"), Some("Bearer"));
    assert_eq!(service.accesses(), 0);
}

#[test]
fn every_path_tells_anybody_its_methods_and_nothing_else() {
    let service = TestService::new();
    service.tell(&[a_plan().child(NUMBER)]);
    for route in routes() {
        let path = route.path.replace("{id}", NUMBER);
        let url = format!("{}{path}", service.root);
        let answer = service.ask("OPTIONS", &url, &[], b"");
        assert_eq!((answer.status, answer.text.as_str()), (204, ""), "{path}");
        let methods = answer.header("allow").unwrap();
        assert_eq!(methods, allowed(&routes(), route.path), "{path}");
        let takes = |method: &str| methods.split(", ").any(|taken| taken == method);
        assert!(takes(route.method.as_str()) && takes("OPTIONS"), "{path}");
        assert_eq!(takes("GET"), takes("HEAD"), "{path}");
        assert!(answer.header("x-request-id").is_some());
        assert_eq!(answer.header("access-control-allow-origin"), None);
    }
    let nowhere = service.ask("OPTIONS", "Observation", &[], b"");
    nowhere.refusal(404, "UNSUPPORTED_SERVICE");
    assert_eq!(service.accesses(), 0);
}
