//! A client: the software that may ask, as the operator registered it.

use std::collections::BTreeSet;
use std::fmt;

use thiserror::Error;

use crate::domain::caller::Practitioner;
use crate::domain::care_setting::ViewActivities;
use crate::domain::channel::Endpoint;
use crate::domain::ods_code::OdsCode;
use crate::domain::scope::Scopes;
use crate::domain::thumbprint::Thumbprint;

/// The longest client id, in bytes.
const CLIENT_ID_BYTES_MAX: usize = 128;

/// A client's id, as its tokens and assertions name it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ClientId(String);

/// The text is no client id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("a client id is 1 to 128 letters, digits and any of - . _ ~ :")]
pub struct ClientIdError;

impl ClientId {
    /// Reads a client id.
    ///
    /// # Errors
    /// [`ClientIdError`].
    pub fn parse(text: &str) -> Result<Self, ClientIdError> {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~:".contains(&byte);
        if (1..=CLIENT_ID_BYTES_MAX).contains(&text.len()) && text.bytes().all(allowed) {
            Ok(Self(text.to_owned()))
        } else {
            Err(ClientIdError)
        }
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ClientId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// By which way a client's requests prove who is asking.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FrontDoor {
    /// Tokens of our own token service.
    TokenService,
    /// Tokens of the outside issuer that is configured.
    Issuer,
    /// Headers of a gateway that is known by its certificate.
    Gateway,
}

impl FrontDoor {
    /// Every front door.
    pub const ALL: [Self; 3] = [Self::TokenService, Self::Issuer, Self::Gateway];

    /// Its name in the database and on the command line.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::TokenService => "token-service",
            Self::Issuer => "issuer",
            Self::Gateway => "gateway",
        }
    }

    /// Reads a front door by its name.
    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|door| door.code() == code)
    }
}

/// What becomes of a client of the outside issuer that is not on the register.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum UnregisteredClients {
    /// It is refused: who may ask is the register's to say.
    #[default]
    Refused,
    /// It is as the issuer says, who registers its clients itself.
    Admitted,
}

impl UnregisteredClients {
    /// Its name in the settings.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Refused => "refused",
            Self::Admitted => "admitted",
        }
    }

    /// Reads it by its name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Refused, Self::Admitted]
            .into_iter()
            .find(|one| one.name() == name)
    }
}

/// Where a client's public keys are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClientKeys {
    /// On the register: the JSON of a JWKS.
    Set(String),
    /// At a URL, where they are followed.
    At(Endpoint),
}

/// That a client may look without a person at the keyboard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unattended {
    /// The person who answers for it, and is named in each access.
    pub responsible: Practitioner,
    /// What it may view.
    pub activities: ViewActivities,
}

/// A registered client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Client {
    /// Its id.
    pub id: ClientId,
    /// What it is called.
    pub name: String,
    /// How its requests prove who is asking.
    pub front_door: FrontDoor,
    /// Its public keys, where it signs anything.
    pub keys: Option<ClientKeys>,
    /// The organisations it may ask for; any on the register where none is named.
    pub organisations: BTreeSet<OdsCode>,
    /// What its tokens may be for at most.
    pub scopes: Scopes,
    /// The certificate it must come with, where it is bound to one.
    pub certificate: Option<Thumbprint>,
    /// Whether it may look alone.
    pub unattended: Option<Unattended>,
    /// Whether it is refused from now on.
    pub is_revoked: bool,
}

impl Client {
    /// Whether it may ask for an organisation.
    #[must_use]
    pub fn may_ask_for(&self, organisation: &OdsCode) -> bool {
        self.organisations.is_empty() || self.organisations.contains(organisation)
    }

    /// The one organisation that it speaks for when it speaks alone.
    #[must_use]
    pub fn own_organisation(&self) -> Option<&OdsCode> {
        let mut organisations = self.organisations.iter();
        match (organisations.next(), organisations.next()) {
            (Some(only), None) => Some(only),
            _ => None,
        }
    }
}

/// One line for the operator: all that is registered of it, but for its keys themselves.
impl fmt::Display for Client {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {}", self.id, self.front_door.code())?;
        if self.is_revoked {
            formatter.write_str(" revoked")?;
        }
        let codes: Vec<&str> = self.organisations.iter().map(OdsCode::as_str).collect();
        write!(formatter, " organisations={}", codes.join(","))?;
        let scopes = self.scopes.to_string().replace(' ', ",");
        write!(formatter, " scopes={scopes}")?;
        match &self.keys {
            Some(ClientKeys::Set(_)) => formatter.write_str(" keys=registered")?,
            Some(ClientKeys::At(url)) => write!(formatter, " keys={}", url.as_str())?,
            None => {}
        }
        if let Some(certificate) = self.certificate {
            write!(formatter, " certificate={certificate}")?;
        }
        if let Some(unattended) = &self.unattended {
            let person = &unattended.responsible;
            write!(
                formatter,
                " unattended={} ({})",
                person.user_id, person.name
            )?;
        }
        write!(formatter, " name={}", self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::{ClientId, FrontDoor};

    #[test]
    fn a_client_id_can_stand_in_a_log_and_in_a_url() {
        for id in ["a", "epr-1", "urn:nhs:a.b_c~d", &"x".repeat(128)] {
            assert!(ClientId::parse(id).is_ok(), "{id}");
        }
        for id in ["", "a b", "a\n", "é", "a/b", "a\"", &"x".repeat(129)] {
            assert!(ClientId::parse(id).is_err(), "{id}");
        }
    }

    #[test]
    fn every_front_door_reads_back_by_its_name() {
        for door in FrontDoor::ALL {
            assert_eq!(FrontDoor::parse(door.code()), Some(door));
        }
        assert_eq!(FrontDoor::parse("window"), None);
    }
}
