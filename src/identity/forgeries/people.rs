//! Tokens signed by the issuer's own key in which somebody is more than they are.

use serde_json::{Value, json};

use super::{Forger, Forgery, with, without};
use crate::identity::TokenError::{
    AssuranceTooLow, ClaimMalformed, ClaimMissing, ClaimOutOfBounds, ClaimsNotJson,
    PractitionerAndSystem, SelectedRoleAmbiguous, SelectedRoleNotHeld,
};

pub const ALL: &[Forgery] = &[
    ("signed in by a password", AssuranceTooLow, |by| {
        signed_in(by, json!("1"), json!("AAL1_USERPASS"))
    }),
    ("signed in, not said how", AssuranceTooLow, |by| {
        let claims = without(Forger::claims(), "authentication_assurance_level");
        by.signed(&by.header(), &without(claims, "acr"))
    }),
    ("signed in to a class of others", AssuranceTooLow, |by| {
        let claims = without(Forger::claims(), "authentication_assurance_level");
        by.signed(&by.header(), &with(claims, "acr", "strong".into()))
    }),
    (
        "signed in below the class it names",
        ClaimMalformed("acr"),
        |by| signed_in(by, json!("2"), json!("AAL3_ANY")),
    ),
    (
        "signed in at a level that is none",
        ClaimMalformed("authentication_assurance_level"),
        |by| signed_in(by, json!("9"), json!("AAL3_ANY")),
    ),
    ("no selected role", ClaimMissing("selected_roleid"), |by| {
        by.without_claim("selected_roleid")
    }),
    (
        "a selected role that is not held",
        SelectedRoleNotHeld,
        |by| by.with_claim("selected_roleid", "555000000999".into()),
    ),
    (
        "a selected role with a nought before",
        SelectedRoleNotHeld,
        |by| by.with_claim("selected_roleid", "0555000000201".into()),
    ),
    (
        "a selected role that is a number",
        ClaimMalformed("selected_roleid"),
        |by| by.with_claim("selected_roleid", 555_000_000_201_i64.into()),
    ),
    (
        "two selected roles",
        ClaimMalformed("selected_roleid"),
        |by| by.with_claim("selected_roleid", json!(["555000000201", "555000000202"])),
    ),
    (
        "two roles with the selected id",
        SelectedRoleAmbiguous,
        |by| {
            let mut stronger = Forger::role("555000000201");
            stronger["org_code"] = "RYH99".into();
            by.with_claim(
                "nhsid_nrbac_roles",
                json!([Forger::role("555000000201"), stronger]),
            )
        },
    ),
    ("one role twice", SelectedRoleAmbiguous, |by| {
        by.with_claim(
            "nhsid_nrbac_roles",
            json!(vec![Forger::role("555000000201"); 2]),
        )
    }),
    ("no roles", SelectedRoleNotHeld, |by| {
        by.with_claim("nhsid_nrbac_roles", json!([]))
    }),
    ("roles left out", SelectedRoleNotHeld, |by| {
        by.without_claim("nhsid_nrbac_roles")
    }),
    (
        "a role that is not in a list",
        ClaimMalformed("nhsid_nrbac_roles"),
        |by| by.with_claim("nhsid_nrbac_roles", Forger::role("555000000201")),
    ),
    (
        "a role that is text",
        ClaimMalformed("nhsid_nrbac_roles"),
        |by| by.with_claim("nhsid_nrbac_roles", json!(["555000000201"])),
    ),
    (
        "more than 64 roles",
        ClaimOutOfBounds("nhsid_nrbac_roles"),
        |by| {
            by.with_claim(
                "nhsid_nrbac_roles",
                json!(vec![json!({"person_roleid": "1"}); 65]),
            )
        },
    ),
    (
        "a role without an id",
        ClaimMissing("person_roleid"),
        |by| role(by, |role| without(role, "person_roleid")),
    ),
    (
        "a role id that is a number",
        ClaimMalformed("person_roleid"),
        |by| {
            role(by, |role| {
                with(role, "person_roleid", 555_000_000_201_i64.into())
            })
        },
    ),
    (
        "a role without an organisation",
        ClaimMissing("org_code"),
        |by| role(by, |role| without(role, "org_code")),
    ),
    (
        "a role at two organisations",
        ClaimMalformed("org_code"),
        |by| role(by, |role| with(role, "org_code", json!(["RQX99", "RYH99"]))),
    ),
    ("a role's organisation named twice", ClaimsNotJson, |by| {
        let claims = Forger::claims().to_string();
        by.with_claims_spelled(&claims.replacen(
            "\"org_code\"",
            "\"org_code\":\"A\",\"org_code\"",
            1,
        ))
    }),
    ("a role without a code", ClaimMissing("role_code"), |by| {
        role(by, |role| without(role, "role_code"))
    }),
    (
        "a role code of another shape",
        ClaimMalformed("role_code"),
        |by| role(by, |role| with(role, "role_code", "S8000:G8000:".into())),
    ),
    ("a role without a name", ClaimMissing("role_name"), |by| {
        role(by, |role| without(role, "role_name"))
    }),
    (
        "activities that are text",
        ClaimMalformed("activity_codes"),
        |by| role(by, |role| with(role, "activity_codes", "B0107".into())),
    ),
    (
        "activities that are null",
        ClaimMalformed("activity_codes"),
        |by| role(by, |role| with(role, "activity_codes", Value::Null)),
    ),
    (
        "an activity that is a number",
        ClaimMalformed("activity_codes"),
        |by| role(by, |role| with(role, "activity_codes", json!([107]))),
    ),
    (
        "an activity with a space",
        ClaimMalformed("activity_codes"),
        |by| role(by, |role| with(role, "activity_codes", json!(["B0107 "]))),
    ),
    (
        "two activities in one",
        ClaimMalformed("activity_codes"),
        |by| {
            role(by, |role| {
                with(role, "activity_codes", json!(["B0107,B0170"]))
            })
        },
    ),
    (
        "more than 256 activities",
        ClaimOutOfBounds("activity_codes"),
        |by| {
            role(by, |role| {
                with(role, "activity_codes", json!(vec!["B0107"; 257]))
            })
        },
    ),
    (
        "a user id of letters",
        ClaimMalformed("nhsid_useruid"),
        |by| by.with_claim("nhsid_useruid", "55500000010l".into()),
    ),
    (
        "a user id of other scripts' digits",
        ClaimMalformed("nhsid_useruid"),
        |by| by.with_claim("nhsid_useruid", "٥٥٥".into()),
    ),
    ("no user id", ClaimMissing("nhsid_useruid"), |by| {
        by.without_claim("nhsid_useruid")
    }),
    ("no name", ClaimMissing("name"), |by| {
        by.without_claim("name")
    }),
    ("a name of spaces", ClaimMalformed("name"), |by| {
        by.with_claim("name", "   ".into())
    }),
    ("a long name", ClaimOutOfBounds("name"), |by| {
        by.with_claim("name", "é".repeat(257).into())
    }),
    ("a name with a NUL", ClaimOutOfBounds("name"), |by| {
        by.with_claim("name", "A\0B".into())
    }),
    (
        "a name with an escape sequence",
        ClaimOutOfBounds("name"),
        |by| by.with_claim("name", "A\u{1b}[2JB".into()),
    ),
    (
        "a practitioner with a system's organisation",
        PractitionerAndSystem,
        |by| by.with_claim("organisation", "E90001".into()),
    ),
    (
        "a system with a practitioner's user id",
        PractitionerAndSystem,
        |by| {
            by.signed(
                &by.header(),
                &with(Forger::system_claims(), "nhsid_useruid", "1".into()),
            )
        },
    ),
    (
        "a system without an organisation",
        ClaimMissing("organisation"),
        |by| {
            by.signed(
                &by.header(),
                &without(Forger::system_claims(), "organisation"),
            )
        },
    ),
    ("a system without a scope", ClaimMissing("scope"), |by| {
        by.signed(&by.header(), &without(Forger::system_claims(), "scope"))
    }),
    (
        "a system of two organisations",
        ClaimMalformed("organisation"),
        |by| {
            let organisations = json!(["E90001", "E90002"]);
            by.signed(
                &by.header(),
                &with(Forger::system_claims(), "organisation", organisations),
            )
        },
    ),
];

/// The genuine claims with their first role, the selected one, changed.
fn role(by: &Forger, change: impl Fn(Value) -> Value) -> String {
    let mut claims = Forger::claims();
    claims["nhsid_nrbac_roles"][0] = change(claims["nhsid_nrbac_roles"][0].take());
    by.signed(&by.header(), &claims)
}

/// The genuine claims, of a person who signed in so.
fn signed_in(by: &Forger, level: Value, class: Value) -> String {
    let claims = with(Forger::claims(), "authentication_assurance_level", level);
    by.signed(&by.header(), &with(claims, "acr", class))
}
