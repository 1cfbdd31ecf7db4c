//! Uploads and their acknowledgements: each file is taken in once.

use chrono::{DateTime, Utc};
use diesel::dsl::max;
use diesel::sql_types::{Array, Integer, Nullable, Text, Uuid as SqlUuid};
use diesel::{
    ExpressionMethods, OptionalExtension, PgConnection, QueryDsl, RunQueryDsl, sql_query,
};
use uuid::Uuid;

use crate::domain::ods_code::OdsCode;
use crate::domain::record_field::RecordField;
use crate::domain::upload::{Acknowledgement, FileCode, RecordCode, RecordRefusal, WireForm};
use crate::store::StoreError;
use crate::store::match_rates::rate_of;
use crate::store::schema::{authorities, upload_records, uploads};

const ADD_RECORDS: &str = "insert into upload_records \
    (upload_id, number, code, column_name, echo, reason) \
    select $1, t.number, t.code, t.column_name, t.echo, t.reason \
    from unnest($2, $3, $4, $5, $6) as t (number, code, column_name, echo, reason)";

/// A file about to be kept beside its acknowledgement.
#[derive(Debug, Clone)]
pub struct ReceivedFile {
    /// The authority it is from.
    pub authority: Uuid,
    /// SHA-256 of its bytes: tells a file sent again from another under its number.
    pub digest: [u8; 32],
    /// When the authority wrote it.
    pub created_at: DateTime<Utc>,
    /// The client that sent it.
    pub client_id: String,
    /// The form it is written in.
    pub form: WireForm,
}

/// An earlier file under the same number.
pub struct EarlierFile {
    /// SHA-256 of its bytes.
    pub digest: Vec<u8>,
    /// What it was answered.
    pub acknowledgement: Acknowledgement,
}

/// The file an authority sent under a sequence number.
///
/// # Errors
/// [`StoreError`] when the database fails or holds a row that breaks a rule.
pub fn find(
    postgres: &mut PgConnection,
    authority: Uuid,
    sequence: i64,
) -> Result<Option<EarlierFile>, StoreError> {
    let row: Option<FileRow> = uploads::table
        .filter(uploads::authority_id.eq(authority))
        .filter(uploads::sequence.eq(sequence))
        .select(FILE_COLUMNS)
        .first(postgres)
        .optional()?;
    row.map(|row| earlier_file(postgres, row)).transpose()
}

/// What an authority's file was answered: that of a number, or the last one.
///
/// # Errors
/// As [`find`].
pub fn acknowledgement(
    postgres: &mut PgConnection,
    authority: &OdsCode,
    sequence: Option<i64>,
) -> Result<Option<Acknowledgement>, StoreError> {
    let mut asked = uploads::table
        .inner_join(authorities::table)
        .filter(authorities::code.eq(authority.as_str()))
        // Requests that came without a number are no file.
        .filter(uploads::sequence.is_not_null())
        .order(uploads::sequence.desc())
        .select(FILE_COLUMNS)
        .into_boxed();
    if let Some(sequence) = sequence {
        asked = asked.filter(uploads::sequence.eq(sequence));
    }
    let row: Option<FileRow> = asked.first(postgres).optional()?;
    let file = row.map(|row| earlier_file(postgres, row)).transpose()?;
    Ok(file.map(|file| file.acknowledgement))
}

type FileRow = (
    Uuid,
    Option<i64>,
    Vec<u8>,
    String,
    DateTime<Utc>,
    Option<i32>,
    Option<i32>,
    i32,
);

const FILE_COLUMNS: (
    uploads::id,
    uploads::sequence,
    uploads::digest,
    uploads::code,
    uploads::received_at,
    uploads::compared,
    uploads::matched,
    uploads::records,
) = (
    uploads::id,
    uploads::sequence,
    uploads::digest,
    uploads::code,
    uploads::received_at,
    uploads::compared,
    uploads::matched,
    uploads::records,
);

fn earlier_file(
    postgres: &mut PgConnection,
    (upload_id, sequence, digest, code, received_at, compared, matched, records): FileRow,
) -> Result<EarlierFile, StoreError> {
    let code = FileCode::parse(&code).ok_or(StoreError::Row("file code"))?;
    let records = records_of(postgres, upload_id, records)?;
    let acknowledgement = Acknowledgement {
        upload_id,
        sequence,
        code,
        received_at,
        records,
        match_rate: rate_of(compared, matched)?,
    };
    Ok(EarlierFile {
        digest,
        acknowledgement,
    })
}

type RecordRow = (i32, String, Option<String>, Option<String>, Option<String>);

/// What became of each of a file's records: those refused are kept, and the others were taken in.
fn records_of(
    postgres: &mut PgConnection,
    upload: Uuid,
    count: i32,
) -> Result<Vec<Result<(), RecordRefusal>>, StoreError> {
    let mut records = vec![Ok(()); usize::try_from(count).unwrap_or_default()];
    let refused = upload_records::table
        .filter(upload_records::upload_id.eq(upload))
        .filter(upload_records::reason.is_not_null())
        .select((
            upload_records::number,
            upload_records::code,
            upload_records::column_name,
            upload_records::echo,
            upload_records::reason,
        ))
        .load::<RecordRow>(postgres)?;
    for (number, code, column, echo, reason) in refused {
        let place = usize::try_from(number)
            .ok()
            .and_then(|number| number.checked_sub(1));
        let record = place.and_then(|place| records.get_mut(place));
        *record.ok_or(StoreError::Row("record number"))? = Err(RecordRefusal {
            code: RecordCode::parse(&code).ok_or(StoreError::Row("record code"))?,
            field: column.as_deref().map(field_named).transpose()?,
            echo: echo.unwrap_or_default(),
            reason: reason.unwrap_or_default(),
        });
    }
    Ok(records)
}

fn field_named(name: &str) -> Result<RecordField, StoreError> {
    RecordField::parse(name).ok_or(StoreError::Row("field"))
}

/// The highest sequence number taken in from an authority.
///
/// # Errors
/// [`StoreError`] when the database fails.
pub fn last_sequence(
    postgres: &mut PgConnection,
    authority: Uuid,
) -> Result<Option<i64>, StoreError> {
    Ok(uploads::table
        .filter(uploads::authority_id.eq(authority))
        .select(max(uploads::sequence))
        .first(postgres)?)
}

/// Keeps a file's acknowledgement.
///
/// # Errors
/// [`StoreError`] when the database refuses or fails.
pub fn add(
    postgres: &mut PgConnection,
    file: &ReceivedFile,
    acknowledgement: &Acknowledgement,
) -> Result<(), StoreError> {
    let count = |number: usize| i32::try_from(number).ok().ok_or(StoreError::Row("count"));
    let rate = acknowledgement.match_rate;
    diesel::insert_into(uploads::table)
        .values((
            uploads::id.eq(acknowledgement.upload_id),
            uploads::authority_id.eq(file.authority),
            uploads::sequence.eq(acknowledgement.sequence),
            uploads::digest.eq(file.digest.as_slice()),
            uploads::created_at.eq(file.created_at),
            uploads::received_at.eq(acknowledgement.received_at),
            uploads::client_id.eq(&file.client_id),
            uploads::form.eq(file.form.code()),
            uploads::code.eq(acknowledgement.code.code()),
            uploads::records.eq(count(acknowledgement.records.len())?),
            uploads::refused.eq(count(acknowledgement.refused())?),
            uploads::compared.eq(rate.map(|rate| count(rate.compared)).transpose()?),
            uploads::matched.eq(rate.map(|rate| count(rate.matched)).transpose()?),
        ))
        .execute(postgres)?;
    Ok(())
}

/// Keeps which records of a file were refused, and why: all others were taken in.
///
/// # Errors
/// [`StoreError`] when the database refuses or fails.
pub fn add_refused_records(
    postgres: &mut PgConnection,
    acknowledgement: &Acknowledgement,
) -> Result<(), StoreError> {
    let refused: Vec<(i32, &RecordRefusal)> = (1..)
        .zip(&acknowledgement.records)
        .filter_map(|(number, record)| Some((number, record.as_ref().err()?)))
        .collect();
    if refused.is_empty() {
        return Ok(());
    }
    let each = || refused.iter().map(|(_, refusal)| refusal);
    let numbers: Vec<i32> = refused.iter().map(|(number, _)| *number).collect();
    let codes: Vec<&str> = each().map(|refusal| refusal.code.code()).collect();
    let columns: Vec<Option<&str>> = each()
        .map(|refusal| refusal.field.map(RecordField::name))
        .collect();
    let echoes: Vec<&str> = each().map(|refusal| refusal.echo.as_str()).collect();
    let reasons: Vec<&str> = each().map(|refusal| refusal.reason.as_str()).collect();
    sql_query(ADD_RECORDS)
        .bind::<SqlUuid, _>(acknowledgement.upload_id)
        .bind::<Array<Integer>, _>(numbers)
        .bind::<Array<Text>, _>(codes)
        .bind::<Array<Nullable<Text>>, _>(columns)
        .bind::<Array<Text>, _>(echoes)
        .bind::<Array<Text>, _>(reasons)
        .execute(postgres)?;
    Ok(())
}
