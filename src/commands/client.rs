//! `client`: which software may ask, for the operator.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Subcommand};

use crate::clock::{Clock as _, SystemClock};
use crate::commands::Failure;
use crate::commands::telling::line;
use crate::domain::caller::Practitioner;
use crate::domain::care_setting::ViewActivities;
use crate::domain::channel::Endpoint;
use crate::domain::client::{Client, ClientId, ClientKeys, FrontDoor, Unattended};
use crate::domain::ods_code::OdsCode;
use crate::domain::scope::Scopes;
use crate::domain::thumbprint::Thumbprint;
use crate::identity::Jwks;
use crate::settings::Settings;
use crate::store::clients;
use crate::store::operator::Operator;

/// What to do about clients. A change counts within a minute in every process.
#[derive(Debug, Subcommand)]
pub enum ClientCommand {
    /// List every client, revoked ones too.
    List {
        /// A TOML file of settings; the environment comes over it.
        #[arg(long, value_name = "FILE")]
        settings: Option<PathBuf>,
    },
    /// Put a client on the register, or in the place of what is registered under its id.
    Add(Box<Added>),
    /// Refuse a client from now on, whatever keys or tokens it holds.
    Revoke {
        /// The client's id.
        id: String,
        /// Who revokes it.
        #[arg(long, value_name = "PERSON")]
        by: String,
        /// A TOML file of settings; the environment comes over it.
        #[arg(long, value_name = "FILE")]
        settings: Option<PathBuf>,
    },
}

/// A client as it is to be registered.
#[derive(Debug, Args)]
pub struct Added {
    /// Its id: letters, digits and any of - . _ ~ :
    id: String,
    /// What it is called.
    #[arg(long)]
    name: String,
    /// How its requests prove who is asking: token-service, issuer or gateway.
    #[arg(long, default_value = "token-service")]
    door: String,
    /// A file with the JWKS of its public keys.
    #[arg(long, value_name = "FILE")]
    keys: Option<PathBuf>,
    /// The URL of the JWKS of its public keys, which are followed there as they change.
    #[arg(long, value_name = "URL", conflicts_with = "keys")]
    keys_url: Option<String>,
    /// The ODS code of an organisation it may ask for; again for each. Any where none is named.
    #[arg(long = "organisation", value_name = "ODS-CODE")]
    organisations: Vec<String>,
    /// What its tokens may be for, such as plans.upload or user/Flag.rs; again for each.
    #[arg(long = "scope", value_name = "SCOPE")]
    scopes: Vec<String>,
    /// The SHA-256 thumbprint of the certificate it must come with.
    #[arg(long, value_name = "THUMBPRINT")]
    certificate: Option<String>,
    #[command(flatten)]
    unattended: Option<WhoAnswers>,
    /// Who registers it.
    #[arg(long, value_name = "PERSON")]
    by: String,
    /// A TOML file of settings; the environment comes over it.
    #[arg(long, value_name = "FILE")]
    settings: Option<PathBuf>,
}

/// The person who answers for a client that may look alone. Leave it out, and the client may not.
#[derive(Debug, Args)]
#[group(requires_all = [
    "unattended_activity", "responsible_user_id", "responsible_name",
    "responsible_role_profile_id", "responsible_role_code", "responsible_role_name",
])]
pub struct WhoAnswers {
    /// What the client may do alone: B0107 (authorities are told) or B0170 (they are not).
    #[arg(long, required = false)]
    unattended_activity: String,
    /// SDS user id of the person who answers for it, who is named in each access.
    #[arg(long, required = false)]
    responsible_user_id: String,
    /// The person's name.
    #[arg(long, required = false)]
    responsible_name: String,
    /// SDS role profile id of the person.
    #[arg(long, required = false)]
    responsible_role_profile_id: String,
    /// The code of the person's job role.
    #[arg(long, required = false)]
    responsible_role_code: String,
    /// The person's job role in words.
    #[arg(long, required = false)]
    responsible_role_name: String,
}

/// Lists or changes, as the owner of the database.
///
/// # Errors
/// [`Failure`] when a value is wrong or the database cannot be reached as its owner.
pub fn run(command: ClientCommand) -> Result<ExitCode, Failure> {
    match command {
        ClientCommand::List { settings } => {
            let mut clients: Vec<Client> = operator(settings.as_deref())?
                .run(clients::register)?
                .into_values()
                .collect();
            clients.sort_by(|one, other| one.id.cmp(&other.id));
            for client in clients {
                line(&client)?;
            }
        }
        ClientCommand::Add(added) => {
            let client = added.client()?;
            let now = SystemClock.now();
            operator(added.settings.as_deref())?
                .run(|postgres| clients::put(postgres, &client, (&added.by, now)))?;
            line(&client)?;
        }
        ClientCommand::Revoke { id, by, settings } => {
            let id = ClientId::parse(&id)?;
            let now = SystemClock.now();
            let revoked = operator(settings.as_deref())?
                .run(|postgres| clients::revoke(postgres, &id, (&by, now)))?;
            if !revoked {
                return Err(format!("{id} is not on the register").into());
            }
            line(format_args!("{id} revoked"))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn operator(settings: Option<&Path>) -> Result<Operator, Failure> {
    let settings = Settings::load(settings)?;
    Ok(Operator::connect(settings.owner_database_url()?.expose())?)
}

impl Added {
    /// What was asked for, checked before the database sees it.
    fn client(&self) -> Result<Client, Failure> {
        let codes = self.organisations.iter().map(|code| OdsCode::parse(code));
        let client = Client {
            id: ClientId::parse(&self.id)?,
            name: self.name.clone(),
            front_door: FrontDoor::parse(&self.door)
                .ok_or("--door is token-service, issuer or gateway")?,
            keys: self.key_source()?,
            organisations: codes.collect::<Result<_, _>>()?,
            scopes: Scopes::known(self.scopes.iter().map(String::as_str))?,
            certificate: self
                .certificate
                .as_deref()
                .map(Thumbprint::parse)
                .transpose()?,
            unattended: self.unattended.as_ref().map(WhoAnswers::read).transpose()?,
            is_revoked: false,
        };
        match (client.front_door, &client.keys, client.certificate) {
            (FrontDoor::TokenService, None, _) => {
                Err("a client of the token service needs --keys FILE or --keys-url URL".into())
            }
            (FrontDoor::Gateway, _, None) => {
                Err("a gateway is known by its certificate: --certificate THUMBPRINT".into())
            }
            _ => Ok(client),
        }
    }

    fn key_source(&self) -> Result<Option<ClientKeys>, Failure> {
        if let Some(file) = &self.keys {
            let set = fs::read_to_string(file)
                .map_err(|cause| format!("--keys: {} cannot be read: {cause}", file.display()))?;
            Jwks::from_json(&set).map_err(|cause| format!("--keys: {cause}"))?;
            return Ok(Some(ClientKeys::Set(set)));
        }
        let url = self.keys_url.as_deref().map(Endpoint::parse).transpose();
        let url = url.map_err(|cause| format!("--keys-url: {cause}"))?;
        Ok(url.map(ClientKeys::At))
    }
}

impl WhoAnswers {
    fn read(&self) -> Result<Unattended, Failure> {
        let activities = ViewActivities::among([self.unattended_activity.as_str()]);
        if !activities.may_view() {
            return Err("--unattended-activity is B0107 or B0170".into());
        }
        Ok(Unattended {
            activities,
            responsible: Practitioner {
                user_id: self.responsible_user_id.clone(),
                name: self.responsible_name.clone(),
                role_profile_id: self.responsible_role_profile_id.clone(),
                job_role_code: self.responsible_role_code.clone(),
                job_role_name: self.responsible_role_name.clone(),
            },
        })
    }
}
