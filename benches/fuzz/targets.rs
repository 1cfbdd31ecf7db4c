//! The parsers: whatever a stranger's bytes reach.

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::panic::RefUnwindSafe;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use cpis_fhir::api::search::date_range::DateRange;
use cpis_fhir::api::search::parameters;
use cpis_fhir::clock::{Clock, SystemClock};
use cpis_fhir::domain::care_setting::Declared;
use cpis_fhir::domain::nhs_number::NhsNumber;
use cpis_fhir::domain::ods_code::OdsCode;
use cpis_fhir::domain::phone_number::PhoneNumber;
use cpis_fhir::domain::plan::Windows;
use cpis_fhir::domain::record_check::day;
use cpis_fhir::fhir::batch::{read_batch, read_xml_batch};
use cpis_fhir::fhir::parameters::parameters as fhir_parameters;
use cpis_fhir::fhir::reading::{read_json, read_xml};
use cpis_fhir::identity::{
    Algorithm, HeldKeys, Jwks, PresentedAssertion, TOKEN_LIFETIME_MAX, Verifier, VerifierSettings,
};
use cpis_fhir::messages::reading_rules::ReadingRules;
use cpis_fhir::reception::UploadForm;
use cpis_fhir::sandbox::issuer::{Issuer, KEY_SET_FILE};
use cpis_fhir::sandbox::role::SandboxRole;

use crate::Outcome;
use crate::corpus;

/// A parser.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// A file of plans as CSV.
    UploadCsv,
    /// A file of plans as HL7 v3.
    UploadHl7V3,
    /// A resource as JSON, and the parameters in it.
    ResourceJson,
    /// A resource as XML, and the parameters in it.
    ResourceXml,
    /// A batch as JSON.
    BatchJson,
    /// A batch as XML.
    BatchXml,
    /// A bearer token.
    Token,
    /// The issuer's keys.
    KeySet,
    /// A search's parameters, and every value as the rules read it.
    Search,
    /// An NHS number, and every other value with a form of its own.
    Values,
}

/// What a target answers an input with, as a number: alike for answers of one kind.
pub type Parse = Box<dyn Fn(&[u8]) -> u64 + RefUnwindSafe>;

impl Target {
    /// Every parser there is.
    pub const ALL: [Self; 10] = [
        Self::UploadCsv,
        Self::UploadHl7V3,
        Self::ResourceJson,
        Self::ResourceXml,
        Self::BatchJson,
        Self::BatchXml,
        Self::Token,
        Self::KeySet,
        Self::Search,
        Self::Values,
    ];

    /// What the command calls it.
    pub fn name(self) -> &'static str {
        match self {
            Self::UploadCsv => "upload-csv",
            Self::UploadHl7V3 => "upload-hl7v3",
            Self::ResourceJson => "resource-json",
            Self::ResourceXml => "resource-xml",
            Self::BatchJson => "batch-json",
            Self::BatchXml => "batch-xml",
            Self::Token => "token",
            Self::KeySet => "key-set",
            Self::Search => "search",
            Self::Values => "values",
        }
    }

    /// What is damaged first.
    pub fn corpus(self) -> Vec<Vec<u8>> {
        let texts: &[&str] = match self {
            Self::UploadCsv => &[corpus::UPLOAD_CSV],
            Self::UploadHl7V3 => &[corpus::upload_hl7v3()],
            Self::ResourceJson => &corpus::RESOURCE_JSON,
            Self::ResourceXml => &corpus::RESOURCE_XML,
            Self::BatchJson => &corpus::BATCH_JSON,
            Self::BatchXml => &corpus::BATCH_XML,
            Self::KeySet => &corpus::KEY_SET,
            Self::Search => &corpus::SEARCH,
            Self::Values => &corpus::VALUES,
            Self::Token => return tokens().unwrap_or_default(),
        };
        texts.iter().map(|text| text.as_bytes().to_vec()).collect()
    }

    /// The parser, ready to run.
    pub fn prepare(self) -> Outcome<Parse> {
        Ok(match self {
            Self::UploadCsv => upload(UploadForm::Csv),
            Self::UploadHl7V3 => upload(UploadForm::Hl7V3),
            Self::ResourceJson => Box::new(|input| {
                kind_of(&read_json(input).map(|resource| {
                    let parameters = fhir_parameters(resource);
                    parameters.map(|found| found.len()).ok()
                }))
            }),
            Self::ResourceXml => Box::new(|input| {
                kind_of(&read_xml(input).map(|resource| {
                    let parameters = fhir_parameters(resource);
                    parameters.map(|found| found.len()).ok()
                }))
            }),
            Self::BatchJson => {
                Box::new(|input| kind_of(&read_batch(input).map(|read| read.entries.len())))
            }
            Self::BatchXml => {
                Box::new(|input| kind_of(&read_xml_batch(input).map(|read| read.entries.len())))
            }
            Self::Token => token()?,
            Self::KeySet => {
                Box::new(|input| kind_of(&Jwks::from_json(&text(input)).map(|_| "keys")))
            }
            Self::Search => Box::new(search),
            Self::Values => Box::new(values),
        })
    }
}

fn upload(form: UploadForm) -> Parse {
    let rules = ReadingRules {
        windows: Windows {
            after_end_days: 364,
            after_due_date_days: 28,
        },
        records_max: 1_000,
        now: DateTime::<Utc>::UNIX_EPOCH + TimeDelta::days(20_779),
    };
    Box::new(move |input| match form.read(input, &rules) {
        Err(refusal) => kind_of(&(refusal.column, without_digits(&refusal.reason))),
        Ok(upload) => kind_of(
            &upload
                .records
                .iter()
                .map(|record| {
                    let refusal = record.as_ref().err()?;
                    Some((refusal.field, refusal.code, refusal.reason.clone()))
                })
                .collect::<Vec<_>>(),
        ),
    })
}

fn issuer() -> Outcome<(tempfile::TempDir, Issuer)> {
    let folder = tempfile::tempdir()?;
    let issuer = Issuer::open(folder.path())?;
    Ok((folder, issuer))
}

fn tokens() -> Outcome<Vec<Vec<u8>>> {
    let (_folder, issuer) = issuer()?;
    let lifetime = TimeDelta::hours(1);
    let mut tokens = Vec::new();
    for role in [SandboxRole::Clinician, SandboxRole::LocalAuthority] {
        for algorithm in [Algorithm::Es256, Algorithm::Rs512] {
            let token = issuer.token(role, algorithm, SystemClock.now(), lifetime)?;
            tokens.push(token.into_bytes());
        }
    }
    Ok(tokens)
}

/// Claims that the issuer has not signed are not read, so that what a stranger's bytes reach is all
/// that stands before them.
fn token() -> Outcome<Parse> {
    let (folder, issuer) = issuer()?;
    let keys = std::fs::read_to_string(folder.path().join(KEY_SET_FILE))?;
    let verifier = Verifier::new(VerifierSettings {
        issuer: issuer.issuer().to_owned(),
        audience: issuer.audience().to_owned(),
        keys: Arc::new(HeldKeys::fixed(Jwks::from_json(&keys)?)),
        leeway_seconds: 0,
        lifetime_max: TOKEN_LIFETIME_MAX,
        required_type: None,
        assurance_min: None,
    });
    let verifier = std::panic::AssertUnwindSafe(verifier);
    let now = SystemClock.now();
    Ok(Box::new(move |input| {
        let verifier = &verifier;
        let input = text(input);
        // What a client sends to the token endpoint is read by claims before it is proven.
        let assertion = PresentedAssertion::read(&input).map(|_| "read");
        kind_of(&(verifier.verify(&input, now).map(|_| "verified"), assertion))
    }))
}

fn search(input: &[u8]) -> u64 {
    let read = parameters::read(&text(input));
    let written = parameters::write(&read);
    let kinds: Vec<_> = read
        .iter()
        .map(|parameter| {
            let dates = parameter.alternatives().iter().fold(0_usize, |dates, one| {
                dates + usize::from(DateRange::parse(one).is_some())
            });
            (parameter.name().len(), parameter.rest().len(), dates)
        })
        .collect();
    kind_of(&(kinds, written.is_empty()))
}

fn values(input: &[u8]) -> u64 {
    let text = text(input);
    kind_of(&(
        NhsNumber::parse(&text).err(),
        OdsCode::parse(&text).is_ok(),
        PhoneNumber::parse(&text).is_ok(),
        day(&text).is_some(),
        DateRange::parse(&text).is_some(),
        Declared::parse([input]).is_ok(),
    ))
}

fn text(input: &[u8]) -> String {
    String::from_utf8_lossy(input).into_owned()
}

/// Answers differ in kind where their words do, numbers aside.
fn kind_of(answer: &impl std::fmt::Debug) -> u64 {
    let mut hasher = DefaultHasher::new();
    without_digits(&format!("{answer:?}")).hash(&mut hasher);
    hasher.finish()
}

fn without_digits(words: &str) -> String {
    words.chars().filter(|sign| !sign.is_numeric()).collect()
}
