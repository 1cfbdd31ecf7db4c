//! What heads an upload: its number, its count, when it was written and by which authority
//! (REPC_MT000002GB01, File).

use chrono::{DateTime, Utc};

use super::element::{Element, Fault, Place, Said};
use super::parts::Parts;
use super::timestamp::moment;
use super::vocabulary::{ORGANISATION, SITE, UPLOAD_FILE};
use crate::domain::phone_number::PhoneNumber;
use crate::domain::upload::AuthorityDetails;
use crate::messages::file_head;
use crate::messages::file_refusal::FileRefusal;

/// The root of an upload.
pub(super) const ROOT: &str = "File";

/// Where the count stands.
pub(super) const QUANTITY: &str = "transmissionQuantity";

/// A head, read.
pub(super) struct Head {
    /// The file's number.
    pub(super) sequence: i64,
    /// How many records it says it has.
    pub(super) record_count: usize,
    /// When it was written.
    pub(super) created_at: DateTime<Utc>,
    /// Who wrote it.
    pub(super) authority: AuthorityDetails,
}

/// Reads the parts in front of the records.
///
/// # Errors
/// [`FileRefusal`] with the XPath of the first thing that is wrong.
pub(super) fn read(parts: &mut Parts<'_>, now: DateTime<Utc>) -> Result<Head, FileRefusal> {
    let created_at = of_part(parts, "creationTime", |part| created_at(part, now))?;
    let sequence = of_part(parts, "id", sequence)?;
    let record_count = of_part(parts, QUANTITY, |part| whole_number(value(part)?))?;
    let authority = of_part(parts, "communicationFunctionSnd", sender)?;
    Ok(Head {
        sequence,
        record_count: usize::try_from(record_count).unwrap_or(usize::MAX),
        created_at,
        authority,
    })
}

/// What can be told of a file that was refused: its number, and who wrote it.
pub(super) fn read_what_can_be(file: &[u8]) -> (Option<i64>, Option<AuthorityDetails>) {
    let (mut number, mut authority) = (None, None);
    let Ok(mut parts) = Parts::of(file, ROOT) else {
        return (number, authority);
    };
    // A head has four parts; what follows are records.
    for _ in 0..4 {
        let Ok(Some(part)) = parts.next() else { break };
        match part.name.as_str() {
            "id" => number = number.or(sequence(&part).ok()),
            "communicationFunctionSnd" => authority = authority.or(sender(&part).ok()),
            _ => {}
        }
    }
    (number, authority)
}

/// The next part, which must have this name, as this reads it.
fn of_part<T>(
    parts: &mut Parts<'_>,
    name: &str,
    read: impl FnOnce(&Element) -> Result<T, Fault>,
) -> Result<T, FileRefusal> {
    match parts.next()? {
        Some(part) if part.name == name => read(&part).map_err(|fault| {
            let location = part.path(&format!("/{ROOT}/{name}"), fault.place);
            FileRefusal::of_location(&location, &fault.reason)
        }),
        _ => {
            let reason = format!("{name} is mandatory here");
            Err(FileRefusal::of_location(&format!("/{ROOT}"), &reason))
        }
    }
}

fn created_at(part: &Element, now: DateTime<Utc>) -> Result<DateTime<Utc>, Fault> {
    let said = value(part)?;
    let reason = "send a date and a time, as in 20261120020000+0000, of 1900 to 2150";
    let created_at = moment(said.text).ok_or_else(|| wrong(said.place, reason))?;
    file_head::created_at(created_at, now).map_err(|reason| wrong(said.place, &reason))
}

fn sequence(part: &Element) -> Result<i64, Fault> {
    part.leaf(&["root", "extension"])?;
    match part.said_if_any("root") {
        Some(root) if root.text != UPLOAD_FILE => {
            Err(wrong(root.place, "it is not that of the numbers of files"))
        }
        _ => whole_number(part.said("extension")?).map(i64::from),
    }
}

fn value(part: &Element) -> Result<Said<'_>, Fault> {
    part.leaf(&["value"])?;
    part.said("value")
}

fn whole_number(said: Said<'_>) -> Result<u32, Fault> {
    file_head::whole_number(said.text).map_err(|reason| wrong(said.place, &reason))
}

fn sender(part: &Element) -> Result<AuthorityDetails, Fault> {
    let mut elements = part.sequence()?;
    let organisation = elements.next("organisation")?;
    elements.end()?;
    let mut elements = organisation.sequence()?;
    let id = elements.next("id")?;
    id.leaf(&["root", "extension"])?;
    let (root, code) = (id.said("root")?, id.said("extension")?);
    if ![ORGANISATION, SITE].contains(&root.text) {
        return Err(wrong(root.place, "it is not that of ODS codes"));
    }
    let name = elements.next("name")?;
    name.only(&[])?;
    let phones = [elements.next_if("telecom"), elements.next_if("telecom")];
    elements.end()?;
    let (mut emergency_phone, mut office_phone) = (None, None);
    for telecom in phones.into_iter().flatten() {
        let replaced = match phone(telecom)? {
            (Use::Emergency, number) => emergency_phone.replace(number),
            (Use::Office, number) => office_phone.replace(number),
        };
        if replaced.is_some() {
            return Err(telecom.fault("a number for the same use stands twice"));
        }
    }
    Ok(AuthorityDetails {
        code: file_head::authority_code(code.text).map_err(|reason| wrong(code.place, &reason))?,
        name: file_head::authority_name(name.words().text)
            .map_err(|reason| wrong(name.place(), &reason))?,
        emergency_phone: emergency_phone
            .ok_or_else(|| organisation.fault("the emergency duty team's number is mandatory"))?,
        office_phone,
    })
}

enum Use {
    Emergency,
    Office,
}

fn phone(telecom: &Element) -> Result<(Use, PhoneNumber), Fault> {
    telecom.leaf(&["value", "use"])?;
    let said_use = telecom.said("use")?;
    let told_use = match said_use.text {
        "EC" => Use::Emergency,
        "WP" => Use::Office,
        _ => {
            let reason = "send EC for the emergency duty team or WP for office hours";
            return Err(wrong(said_use.place, reason));
        }
    };
    let value = telecom.said("value")?;
    let dialled = value
        .text
        .strip_prefix("tel:")
        .ok_or_else(|| wrong(value.place, "a number begins with tel:"))?;
    match PhoneNumber::parse(dialled) {
        Ok(number) => Ok((told_use, number)),
        Err(error) => Err(wrong(value.place, &error.to_string())),
    }
}

fn wrong(place: Place, reason: &str) -> Fault {
    Fault {
        place,
        reason: reason.to_owned(),
    }
}
