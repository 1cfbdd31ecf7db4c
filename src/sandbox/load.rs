//! Loads the sandbox's register and children, once: the register as an operator would, the plans
//! through the one door in.

use std::path::Path;

use openssl::sha::sha256;
use thiserror::Error;

use crate::api::service::Service;
use crate::domain::calendar::day_of;
use crate::domain::caller::Organisation;
use crate::domain::care_setting::RegisteredCareSettings;
use crate::domain::channel::{Channel, Endpoint, EndpointError, RestHook};
use crate::domain::ods_code::{OdsCode, OdsCodeError};
use crate::domain::shrinkage::ShrinkGuard;
use crate::domain::upload::{AuthorityDetails, WireForm};
use crate::intake::{Delivery, IntakeRefusal, take_in};
use crate::messages::file_refusal::FileRefusal;
use crate::messages::upload_csv::read;
use crate::sandbox::children::uploads;
use crate::sandbox::clients::{self, SandboxClientError};
use crate::store::operator::Operator;
use crate::store::registration::{self, Registration};
use crate::store::{self, StoreError, channels, partitions};

/// The organisations of the sandbox: ODS code, name, unscheduled, scheduled.
const ORGANISATIONS: [(&str, &str, bool, bool); 3] = [
    ("RQX99", "Riverside Emergency Department", true, false),
    ("RYH99", "Hillside Antenatal Clinic", false, true),
    ("RMB99", "Meadowbank Children's Hospital", true, true),
];

/// An authority that may subscribe, and where; nobody can ever have an address that ends so.
const SUBSCRIBED: (&str, &str) = ("E90002", "https://hooks.southmere.example/cp-is");

/// Why the sandbox could not be loaded.
#[derive(Debug, Error)]
pub enum LoadError {
    /// The database refused or failed.
    #[error("the sandbox's database cannot be loaded: {0}")]
    Store(#[from] StoreError),
    /// An upload cannot be read.
    #[error("a sandbox upload cannot be read: {0}")]
    File(#[from] FileRefusal),
    /// An upload was not taken in.
    #[error("a sandbox upload was not taken in: {0}")]
    Intake(#[from] IntakeRefusal),
    /// A client cannot be made.
    #[error("{0}")]
    Client(#[from] SandboxClientError),
    /// An endpoint of the sandbox is none.
    #[error("{0}")]
    Endpoint(#[from] EndpointError),
    /// A code of the sandbox is none.
    #[error("{0}")]
    Code(#[from] OdsCodeError),
}

/// Loads what is missing. A sandbox that has been loaded keeps what it has.
///
/// # Errors
/// [`LoadError`] when the database fails.
pub async fn load(service: &Service, owner_url: &str, keys: &Path) -> Result<(), LoadError> {
    let now = service.clock.now();
    let uploads = uploads(day_of(now), now);
    let mut deliveries = Vec::with_capacity(uploads.len());
    for upload in &uploads {
        let rules = service.reading_rules(upload.told_at);
        let bytes = upload.csv.as_bytes();
        deliveries.push(Delivery {
            upload: read(bytes, &rules)?,
            digest: sha256(bytes),
            authority: OdsCode::parse(upload.authority)?,
            form: WireForm::Csv,
            client_id: "sandbox".to_owned(),
            at: upload.told_at,
            guard: ShrinkGuard {
                rule: service.shrinkage,
                confirmed: None,
            },
        });
    }
    let authorities: Vec<AuthorityDetails> = deliveries
        .iter()
        .map(|delivery| delivery.upload.authority.clone())
        .collect();
    let registration = Registration {
        authorities,
        organisations: organisations()?,
        at: now,
    };
    if !registration::register(owner_url, &registration)? {
        return Ok(());
    }
    service
        .query
        .run(move |postgres| partitions::plan_months(postgres, now))
        .await?;
    let endpoint = Endpoint::parse(SUBSCRIBED.1)?;
    let channel = Channel::RestHook(RestHook {
        endpoint,
        secret_name: None,
    });
    let subscribed = OdsCode::parse(SUBSCRIBED.0)?;
    let by = ("the sandbox", now);
    let clients = clients::clients(keys)?;
    Operator::connect(owner_url)?.run(|postgres| {
        for client in &clients {
            store::clients::put(postgres, client, by)?;
        }
        channels::set(postgres, &subscribed, &channel, by)
    })?;
    for delivery in deliveries {
        take_in(&service.intake, &service.matching, delivery).await?;
    }
    Ok(())
}

fn organisations() -> Result<Vec<Organisation>, OdsCodeError> {
    ORGANISATIONS
        .into_iter()
        .map(|(code, name, unscheduled, scheduled)| {
            Ok(Organisation {
                code: OdsCode::parse(code)?,
                name: name.to_owned(),
                care_settings: RegisteredCareSettings {
                    unscheduled,
                    scheduled,
                },
            })
        })
        .collect()
}
