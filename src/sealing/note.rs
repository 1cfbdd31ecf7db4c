//! Signed notes: a text, and under it who signed it (<https://c2sp.org/signed-note>), with Ed25519
//! (<https://www.rfc-editor.org/rfc/rfc8032>).

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use openssl::error::ErrorStack;
use openssl::pkey::{Id, PKey, Private, Public};
use openssl::sha::Sha256;
use openssl::sign::{Signer, Verifier};
use thiserror::Error;

/// The byte that says Ed25519, in a key's id and in a verifier key.
const ED25519: u8 = 1;
/// Bytes of a key's id.
const ID_BYTES: usize = 4;
/// Bytes of a public key.
const KEY_BYTES: usize = 32;
/// What a line of a signature begins with.
const SIGNED_BY: &str = "\u{2014} ";
/// The longest note that is read, in bytes: 16 signatures of any kind fit in.
const NOTE_MAX: usize = 128 * 1024;

type KeyId = [u8; ID_BYTES];

/// Why a note is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum NoteError {
    /// It is no note.
    #[error("it is no signed note")]
    NotANote,
    /// No signature is of the key that is trusted.
    #[error("it is not signed by the key that is trusted")]
    NotSigned,
    /// A signature is said to be of that key, and is not.
    #[error("its signature is forged, or what was signed was changed")]
    Forged,
}

/// Why a key cannot be used.
#[derive(Debug, Error)]
pub enum NoteKeyError {
    /// The name has a space or a plus sign, or is none.
    #[error("a key's name is one word without a plus sign, such as cpis.example/accesses")]
    Name,
    /// It is no key of Ed25519.
    #[error("the key is no Ed25519 key")]
    Kind,
    /// openssl cannot use it.
    #[error("the key is no unencrypted private key in PEM")]
    Pem(#[from] ErrorStack),
}

/// A private key that signs notes, under its name.
pub struct NoteKey {
    key: PKey<Private>,
    public: NoteVerifier,
}

impl NoteKey {
    /// Reads a private key in PEM.
    ///
    /// # Errors
    /// [`NoteKeyError`] for the first thing that is wrong.
    pub fn from_pem(name: &str, pem: &[u8]) -> Result<Self, NoteKeyError> {
        let key = PKey::private_key_from_pem(pem)?;
        if key.id() != Id::ED25519 {
            return Err(NoteKeyError::Kind);
        }
        let public: [u8; KEY_BYTES] = key
            .raw_public_key()?
            .try_into()
            .ok()
            .ok_or(NoteKeyError::Kind)?;
        let public = NoteVerifier::of(name, &public)?;
        Ok(Self { key, public })
    }

    /// A new private key, in PEM.
    ///
    /// # Errors
    /// What openssl could not do.
    pub fn generate() -> Result<Vec<u8>, ErrorStack> {
        PKey::generate_ed25519()?.private_key_to_pem_pkcs8()
    }

    /// What verifies what it signs.
    #[must_use]
    pub fn verifier(&self) -> &NoteVerifier {
        &self.public
    }

    /// Signs a text that ends with a line.
    ///
    /// # Errors
    /// What openssl could not do.
    pub fn sign(&self, text: &str) -> Result<String, ErrorStack> {
        let mut signer = Signer::new_without_digest(&self.key)?;
        let signature = signer.sign_oneshot_to_vec(text.as_bytes())?;
        let signature = STANDARD.encode([self.public.id.as_slice(), &signature].concat());
        Ok(format!(
            "{text}\n{SIGNED_BY}{} {signature}\n",
            self.public.name
        ))
    }
}

impl fmt::Debug for NoteKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "NoteKey({}, hidden)", self.public.name)
    }
}

/// A public key that notes are verified with, under its name.
#[derive(Clone)]
pub struct NoteVerifier {
    name: String,
    id: KeyId,
    bytes: [u8; KEY_BYTES],
    key: PKey<Public>,
}

impl NoteVerifier {
    fn of(name: &str, bytes: &[u8; KEY_BYTES]) -> Result<Self, NoteKeyError> {
        let is_word = |sign: char| !sign.is_whitespace() && !sign.is_control() && sign != '+';
        if name.is_empty() || !name.chars().all(is_word) {
            return Err(NoteKeyError::Name);
        }
        Ok(Self {
            name: name.to_owned(),
            id: id(name, bytes),
            bytes: *bytes,
            key: PKey::public_key_from_raw_bytes(bytes, Id::ED25519)?,
        })
    }

    /// Reads what [`Self`] is written as: `name+id+key`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (name, rest) = text.split_once('+')?;
        let (id, key) = rest.split_once('+')?;
        let key = STANDARD.decode(key).ok()?;
        let (kind, bytes) = key.split_first()?;
        let read = Self::of(name, bytes.try_into().ok()?).ok()?;
        (*kind == ED25519 && read.written_id() == id).then_some(read)
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The text of a note that this key signed. Signatures of other keys say nothing.
    ///
    /// # Errors
    /// [`NoteError`] when there is no such signature, or one that is not what it says.
    pub fn text_of<'note>(&self, note: &'note str) -> Result<&'note str, NoteError> {
        let (text, signatures) = parts(note).ok_or(NoteError::NotANote)?;
        let mut is_signed = false;
        for line in signatures.lines() {
            let (name, signature) = signed_by(line).ok_or(NoteError::NotANote)?;
            let own = signature.strip_prefix(self.id.as_slice());
            let Some(signature) = own.filter(|_| name == self.name) else {
                continue;
            };
            if !self.verifies(text, signature) {
                return Err(NoteError::Forged);
            }
            is_signed = true;
        }
        match is_signed {
            true => Ok(text),
            false => Err(NoteError::NotSigned),
        }
    }

    fn verifies(&self, text: &str, signature: &[u8]) -> bool {
        let verified = Verifier::new_without_digest(&self.key)
            .and_then(|mut verifier| verifier.verify_oneshot(signature, text.as_bytes()));
        verified.unwrap_or(false)
    }

    fn written_id(&self) -> String {
        self.id.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

/// What a witness is given beforehand, by a way of its own: `name+id+key`.
impl fmt::Display for NoteVerifier {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = STANDARD.encode([&[ED25519], self.bytes.as_slice()].concat());
        write!(formatter, "{}+{}+{key}", self.name, self.written_id())
    }
}

impl fmt::Debug for NoteVerifier {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "NoteVerifier({self})")
    }
}

fn id(name: &str, key: &[u8; KEY_BYTES]) -> KeyId {
    let mut hash = Sha256::new();
    hash.update(name.as_bytes());
    hash.update(&[b'\n', ED25519]);
    hash.update(key);
    let [first, second, third, fourth, ..] = hash.finish();
    [first, second, third, fourth]
}

/// A note's text, with its last line break, and its lines of signatures.
fn parts(note: &str) -> Option<(&str, &str)> {
    let is_plain = |sign: char| sign == '\n' || sign >= ' ';
    if note.len() > NOTE_MAX || !note.ends_with('\n') || !note.chars().all(is_plain) {
        return None;
    }
    let blank = note.rfind("\n\n")?;
    let (text, signatures) = note.split_at_checked(blank + 1)?;
    let signatures = signatures.strip_prefix('\n')?;
    (!signatures.is_empty()).then_some((text, signatures))
}

/// A line's name and the bytes behind it.
fn signed_by(line: &str) -> Option<(&str, Vec<u8>)> {
    let (name, signature) = line.strip_prefix(SIGNED_BY)?.split_once(' ')?;
    let signature = STANDARD.decode(signature).ok()?;
    (!name.is_empty() && signature.len() > ID_BYTES).then_some((name, signature))
}

#[cfg(test)]
#[path = "note_rules.rs"]
mod rules;
