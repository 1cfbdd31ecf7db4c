//! What scopes narrow.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use proptest::prelude::{any, prop_assert_eq, proptest};

use super::{Permission, Scope, ScopeContext, Scopes};

#[test]
fn a_scope_has_one_spelling() {
    for text in [
        "plans.upload",
        "notifications.read",
        "system/Flag.rs",
        "user/*.cruds",
        "user/EpisodeOfCare.cud",
    ] {
        assert_eq!(Scope::parse(text).unwrap().to_string(), text);
    }
    for text in [
        "",
        "openid",
        "system/Flag.read",
        "system/Flag.sr",
        "system/Flag.rr",
        "system/Flag.",
        "system/Flag",
        "system/flag.rs",
        "system/.rs",
        "system/Flag.rs?category=a",
        "patient/Flag.rs",
        "System/Flag.rs",
        "system/Flag.rs ",
        "PLANS.UPLOAD",
    ] {
        assert!(Scope::parse(text).is_err(), "{text}");
    }
}

#[test]
fn a_scope_covers_what_is_within_it() {
    let scope = |text: &str| Scope::parse(text).unwrap();
    for (wide, narrow) in [
        ("system/*.rs", "system/Flag.r"),
        ("system/Flag.rs", "system/Flag.s"),
        ("user/*.cruds", "user/*.rs"),
        ("plans.upload", "plans.upload"),
    ] {
        assert!(scope(wide).covers(&scope(narrow)), "{wide} {narrow}");
    }
    for (wide, narrow) in [
        ("system/Flag.rs", "system/*.rs"),
        ("system/Flag.rs", "user/Flag.rs"),
        ("system/Flag.r", "system/Flag.rs"),
        ("system/Flag.rs", "system/Patient.r"),
        ("plans.upload", "notifications.read"),
        ("system/*.cruds", "plans.upload"),
    ] {
        assert!(!scope(wide).covers(&scope(narrow)), "{wide} {narrow}");
    }
}

#[test]
fn where_no_scope_is_smarts_the_role_alone_decides() {
    let permits = |words: &[&str]| {
        let scopes = Scopes::claimed(words.iter().copied());
        scopes.permit(ScopeContext::User, "Flag", Permission::Search)
    };
    assert!(permits(&[]));
    assert!(permits(&["openid", "nationalrbacaccess"]));
    assert!(permits(&["user/Flag.rs"]));
    assert!(permits(&["user/*.s", "openid"]));
    assert!(!permits(&["user/Flag.r"]));
    assert!(!permits(&["system/Flag.rs"]));
    // What is not understood narrows to nothing, and never to everything.
    assert!(!permits(&["user/Flag.read"]));
    assert!(!permits(&["patient/*.rs"]));
}

#[test]
fn what_a_token_says_is_held_to_what_its_client_is_registered_for() {
    let of = |token: &[&str], client: &[&str]| {
        let client = Scopes::known(client.iter().copied()).unwrap();
        Scopes::claimed(token.iter().copied()).within(&client)
    };
    assert_eq!(
        of(&["plans.upload"], &["plans.upload"]).to_string(),
        "plans.upload"
    );
    assert_eq!(
        of(&["plans.upload"], &["notifications.read"]).to_string(),
        ""
    );
    assert_eq!(
        of(&["openid"], &["user/Flag.rs"]).to_string(),
        "user/Flag.rs"
    );
    let narrowed = of(&["user/Flag.rs", "user/Patient.r"], &["user/Flag.rs"]);
    assert!(narrowed.permit(ScopeContext::User, "Flag", Permission::Read));
    assert!(!narrowed.permit(ScopeContext::User, "Patient", Permission::Read));
    let wider = of(&["user/*.rs"], &["user/Flag.rs"]);
    assert!(!wider.permit(ScopeContext::User, "Patient", Permission::Read));
}

const SMART: &str = "(user|system)/(Flag|\\*)\\.[cruds]{0,5}";

proptest! {
    #[test]
    fn what_reads_as_a_scope_is_written_the_same(text in SMART) {
        if let Ok(scope) = Scope::parse(&text) {
            prop_assert_eq!(scope.to_string(), text);
        }
    }

    #[test]
    fn any_text_is_read_or_refused(text in any::<String>()) {
        let _ = Scope::parse(&text);
    }
}
