//! Bytes of which nothing runs together: each field after its length.

/// Adds a field after its length.
pub(in crate::sealing) fn put(bytes: &mut Vec<u8>, field: &[u8]) {
    put_number(bytes, u64::try_from(field.len()).unwrap_or(u64::MAX));
    bytes.extend_from_slice(field);
}

/// Adds a number.
pub(in crate::sealing) fn put_number(bytes: &mut Vec<u8>, number: u64) {
    bytes.extend_from_slice(&number.to_be_bytes());
}

/// Takes fields from the front.
pub(in crate::sealing) struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    /// Of these bytes.
    pub(in crate::sealing) fn of(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// Whether nothing is left.
    pub(in crate::sealing) fn is_at_end(&self) -> bool {
        self.0.is_empty()
    }

    /// The next field.
    pub(in crate::sealing) fn take(&mut self) -> Option<&'a [u8]> {
        let length = usize::try_from(self.number()?).ok()?;
        let (field, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(field)
    }

    /// The next field, where it is text.
    pub(in crate::sealing) fn text(&mut self) -> Option<String> {
        String::from_utf8(self.take()?.to_vec()).ok()
    }

    /// The next number.
    pub(in crate::sealing) fn number(&mut self) -> Option<u64> {
        let (number, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(u64::from_be_bytes(*number))
    }
}
