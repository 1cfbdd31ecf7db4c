//! What an operation is asked with in a `Parameters` resource, where each parameter is known and
//! stands once at the most.

use actix_web::web::Payload;
use actix_web::{HttpRequest, HttpResponse};
use serde_json::{Value, json};

use crate::api::answer::{fhir_response, written};
use crate::api::body;
use crate::api::error::Refusal;
use crate::api::negotiation::Form;
use crate::fhir::parameters::{Held, Parameter, parameters};
use crate::fhir::reading::Unreadable;

/// The longest body: a few identifiers, and 500 characters of somebody's own words.
const BODY_BYTES_MAX: usize = 16_384;

/// The parameters that were sent.
pub struct OnceAsked(Vec<Parameter>);

impl OnceAsked {
    /// Reads the body of a request that may hold these parameters.
    ///
    /// # Errors
    /// [`Refusal`] when it is no `Parameters`, or one of them is not known or stands again.
    pub async fn of(
        request: &HttpRequest,
        payload: Payload,
        known: &'static [&'static str],
    ) -> Result<Self, Refusal> {
        let resource = body::resource(request, payload, BODY_BYTES_MAX).await?;
        let asked = parameters(resource.ok_or(Unreadable::NotParameters)?)?;
        for (place, parameter) in asked.iter().enumerate() {
            let is_known = known.contains(&parameter.name.as_str());
            let is_again = asked
                .iter()
                .take(place)
                .any(|one| one.name == parameter.name);
            if !is_known || is_again {
                return Err(Unreadable::Parameter(place).into());
            }
        }
        Ok(Self(asked))
    }

    /// What a parameter was given as; none where it is not there.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        let parameter = self.0.iter().find(|parameter| parameter.name == name)?;
        match &parameter.held {
            Held::Value(text) => Some(text),
            // What is no value reads as nothing that anybody could have meant.
            Held::Resource(_) => Some("\u{0}"),
        }
    }

    /// Reads a parameter that must be there.
    ///
    /// # Errors
    /// [`Refusal::Parameter`] with what would be right.
    pub fn mandatory<T>(
        &self,
        name: &'static str,
        expected: &'static str,
        read: impl FnOnce(&str) -> Option<T>,
    ) -> Result<T, Refusal> {
        let read = self.text(name).and_then(read);
        read.ok_or(Refusal::Parameter { name, expected })
    }

    /// Reads a parameter that may be left out.
    ///
    /// # Errors
    /// As [`OnceAsked::mandatory`].
    pub fn optional<T>(
        &self,
        name: &'static str,
        expected: &'static str,
        read: impl FnOnce(&str) -> Option<T>,
    ) -> Result<Option<T>, Refusal> {
        match self.text(name) {
            None => Ok(None),
            Some(_) => self.mandatory(name, expected, read).map(Some),
        }
    }
}

/// Answers with parameters of text: name, type of the value, and the value.
///
/// # Errors
/// [`Refusal::Unwritable`] when they cannot be written.
pub fn answer(form: Form, told: &[(&str, &str, &str)]) -> Result<HttpResponse, Refusal> {
    let told = told
        .iter()
        .map(|(name, member, value)| json!({ "name": name, *member: value }));
    let told: Vec<Value> = told.collect();
    let parameters = json!({ "resourceType": "Parameters", "parameter": told });
    let body = written(&parameters, form)?;
    Ok(fhir_response(actix_web::http::StatusCode::OK, form).body(body))
}
