//! The headers of a gateway, which has asked who the user is in our place: the NHS API platform's.
//! They are believed only over a connection with the certificate that the gateway is registered
//! under. From anybody else their presence changes nothing.
//!
//! <https://digital.nhs.uk/developer/guides-and-documentation/security-and-authorisation>

use actix_web::http::header::HeaderMap;

use crate::api::error::Refusal;
use crate::api::front_door::Presented;
use crate::api::register::{Registered, RegisteredClient};
use crate::domain::caller::Practitioner;
use crate::domain::client::FrontDoor;
use crate::domain::ods_code::OdsCode;
use crate::domain::scope::Scopes;

/// The SDS user id of the person.
const USER: &str = "NHSD-Identity-UUID";
/// The role profile id of the role that the person selected.
const ROLE_PROFILE: &str = "NHSD-Session-URID";
/// The ODS code of the organisation at which that role is held.
const ORGANISATION: &str = "NHSD-End-User-Organisation-ODS";
/// The code of the job role, such as `S8000:G8000:R8000`.
const JOB_ROLE: &str = "NHSD-Session-JobRole";

/// The longest id, in digits.
const DIGITS_MAX: usize = 20;

/// Whether a request says anything of a user, as a gateway would.
pub fn speaks_for_a_user(headers: &HeaderMap) -> bool {
    [USER, ROLE_PROFILE, ORGANISATION, JOB_ROLE]
        .iter()
        .any(|name| headers.contains_key(*name))
}

/// What a gateway says of the person whose request it hands on.
///
/// # Errors
/// [`Refusal::GatewayHeader`] for the first header that is missing, repeated or cannot be read.
pub fn presented(
    headers: &HeaderMap,
    gateway: &RegisteredClient,
    registered: &Registered,
) -> Result<Presented, Refusal> {
    let user_id = digits(headers, USER)?;
    let role_profile_id = digits(headers, ROLE_PROFILE)?;
    let organisation = OdsCode::parse(once(headers, ORGANISATION)?)
        .ok()
        .ok_or(Refusal::GatewayHeader(ORGANISATION))?;
    let job_role_code = once(headers, JOB_ROLE)?;
    if !is_job_role(job_role_code) {
        return Err(Refusal::GatewayHeader(JOB_ROLE));
    }
    Ok(Presented {
        door: FrontDoor::Gateway,
        client_id: gateway.client.id.as_str().to_owned(),
        organisation,
        // The platform hands on no name: who looked is known by the id, which SDS knows.
        practitioner: Some(Practitioner {
            name: format!("SDS user {user_id}"),
            user_id,
            role_profile_id,
            job_role_code: job_role_code.to_owned(),
            job_role_name: "Job role as the gateway names it".to_owned(),
        }),
        activities: registered.activities_of(job_role_code),
        scopes: Scopes::default(),
        certificate: gateway.client.certificate,
    })
}

fn once<'headers>(
    headers: &'headers HeaderMap,
    name: &'static str,
) -> Result<&'headers str, Refusal> {
    let mut values = headers.get_all(name);
    match (values.next(), values.next()) {
        (Some(value), None) => value.to_str().ok().ok_or(Refusal::GatewayHeader(name)),
        _ => Err(Refusal::GatewayHeader(name)),
    }
}

fn digits(headers: &HeaderMap, name: &'static str) -> Result<String, Refusal> {
    let text = once(headers, name)?;
    let is_id =
        (1..=DIGITS_MAX).contains(&text.len()) && text.bytes().all(|one| one.is_ascii_digit());
    is_id
        .then(|| text.to_owned())
        .ok_or(Refusal::GatewayHeader(name))
}

/// One to three codes, each a capital and digits, with colons between.
fn is_job_role(text: &str) -> bool {
    let is_code = |code: &str| match code.as_bytes() {
        [letter, digits @ ..] => {
            letter.is_ascii_uppercase()
                && (1..=8).contains(&digits.len())
                && digits.iter().all(u8::is_ascii_digit)
        }
        [] => false,
    };
    text.split(':').count() <= 3 && text.split(':').all(is_code)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, proptest};

    use super::is_job_role;

    #[test]
    fn a_job_role_is_one_to_three_codes() {
        for role in ["R8000", "S8000:G8000:R8000", "S0030:G0100:R0570"] {
            assert!(is_job_role(role), "{role}");
        }
        for other in [
            "",
            "R",
            "8000",
            "r8000",
            "R8000:",
            ":R8000",
            "R1:R2:R3:R4",
            "R8000 ",
        ] {
            assert!(!is_job_role(other), "{other}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_a_job_role_or_none(text in any::<String>()) {
            let _ = is_job_role(&text);
        }
    }
}
