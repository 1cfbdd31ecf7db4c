//! `channel`: how each local authority is told, for the operator. Endpoints come from here alone.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Subcommand;

use crate::clock::{Clock as _, SystemClock};
use crate::commands::Failure;
use crate::commands::telling::line;
use crate::domain::channel::{Channel, Endpoint, Mailbox, RestHook, SecretName};
use crate::domain::ods_code::OdsCode;
use crate::settings::Settings;
use crate::store::channels::{self, Setting};
use crate::store::operator::Operator;

/// The longest that is kept of who sets a channel, in characters.
const PERSON_CHARACTERS_MAX: usize = 200;

/// What to do about channels.
#[derive(Debug, Subcommand)]
pub enum ChannelCommand {
    /// List the channel of every authority.
    List {
        /// A TOML file of settings; the environment comes over it.
        #[arg(long, value_name = "FILE")]
        settings: Option<PathBuf>,
    },
    /// Set an authority's channel, and keep who set it and when.
    Set {
        /// The authority's ODS code.
        authority: String,
        /// How it is told beside what it can always pull: pull, rest-hook or mesh.
        kind: String,
        /// The endpoint's https URL, or the mailbox's id; none for pull.
        place: Option<String>,
        /// The name of the file, in the folder of secrets, with the bearer token of a rest-hook.
        #[arg(long, value_name = "NAME")]
        secret: Option<String>,
        /// Who sets it.
        #[arg(long, value_name = "PERSON")]
        by: String,
        /// A TOML file of settings; the environment comes over it.
        #[arg(long, value_name = "FILE")]
        settings: Option<PathBuf>,
    },
}

/// Lists or sets, as the owner of the database.
///
/// # Errors
/// [`Failure`] when a value is wrong or the database cannot be reached as its owner.
pub fn run(command: ChannelCommand) -> Result<ExitCode, Failure> {
    match command {
        ChannelCommand::List { settings } => {
            let settings = Settings::load(settings.as_deref())?;
            let mut operator = Operator::connect(settings.owner_database_url()?.expose())?;
            for (authority, channel) in operator.run(channels::all)? {
                line(format_args!("{authority} {}", words(&channel)))?;
            }
        }
        ChannelCommand::Set {
            authority,
            kind,
            place,
            secret,
            by,
            settings,
        } => {
            let authority = OdsCode::parse(&authority)?;
            let by = person(&by)?;
            let channel = channel(&kind, place.as_deref(), secret.as_deref())?;
            let settings = Settings::load(settings.as_deref())?;
            let mut operator = Operator::connect(settings.owner_database_url()?.expose())?;
            let now = SystemClock.now();
            let set = |postgres: &mut _| channels::set(postgres, &authority, &channel, (by, now));
            match operator.run(set)? {
                Setting::Set => line(format_args!("{authority} {}", words(&channel)))?,
                Setting::UnknownAuthority => {
                    return Err(format!("{authority} is not on the register").into());
                }
                Setting::MailboxTaken => {
                    return Err("another authority has this mailbox: see channel list".into());
                }
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Who sets a channel, as it is kept.
fn person(by: &str) -> Result<&str, Failure> {
    let by = by.trim();
    match by.chars().count() {
        1..=PERSON_CHARACTERS_MAX => Ok(by),
        _ => Err("--by: say who sets it, in at most 200 characters".into()),
    }
}

fn words(channel: &Channel) -> String {
    match channel {
        Channel::Pull => "pull".to_owned(),
        Channel::RestHook(hook) => {
            let secret = hook.secret_name.as_ref().map_or("none", SecretName::as_str);
            format!("rest-hook {} secret {secret}", hook.endpoint.as_str())
        }
        Channel::Mesh(mailbox) => format!("mesh {mailbox}"),
    }
}

fn channel(kind: &str, place: Option<&str>, secret: Option<&str>) -> Result<Channel, Failure> {
    let secret_name = secret.map(|name| {
        SecretName::parse(name).ok_or("--secret is the name of a file: no path and no dot")
    });
    let secret_name = secret_name.transpose()?;
    match (kind, place) {
        ("pull", None) if secret_name.is_none() => Ok(Channel::Pull),
        ("rest-hook", Some(url)) => Ok(Channel::RestHook(RestHook {
            endpoint: Endpoint::parse(url)?,
            secret_name,
        })),
        ("mesh", Some(id)) if secret_name.is_none() => {
            let mailbox = Mailbox::parse(id).ok_or("a mailbox is upper-case letters and digits")?;
            Ok(Channel::Mesh(mailbox))
        }
        _ => Err("say pull, rest-hook URL [--secret NAME] or mesh MAILBOX".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::{channel, words};

    #[test]
    fn a_channel_is_one_of_three_and_nothing_beside() {
        for (kind, place, secret, said) in [
            ("pull", None, None, Some("pull")),
            ("mesh", Some("X26HC005"), None, Some("mesh X26HC005")),
            (
                "rest-hook",
                Some("https://la.example/a"),
                Some("la"),
                Some("rest-hook https://la.example/a secret la"),
            ),
            ("pull", Some("https://la.example/a"), None, None),
            ("rest-hook", None, None, None),
            ("rest-hook", Some("http://la.example/a"), None, None),
            (
                "rest-hook",
                Some("https://la.example/a"),
                Some("../la"),
                None,
            ),
            ("mesh", Some("x26"), None, None),
            ("fax", Some("1"), None, None),
        ] {
            let read = channel(kind, place, secret).ok();
            assert_eq!(
                read.as_ref().map(words).as_deref(),
                said,
                "{kind} {place:?}"
            );
        }
    }
}
