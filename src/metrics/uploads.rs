//! Uploads, by their form and by what they were answered with; and their records, by code.

use crate::domain::matching::MatchRate;
use crate::domain::upload::{Acknowledgement, FileCode, RecordCode, WireForm};
use crate::instruments::{Count, Counts};
use crate::metrics::definitions::{COMPARED, MATCHED, RECORDS, UPLOADS};
use crate::metrics::page::Page;
use crate::reception::ReceptionRefusal;

/// What is told of an upload that was not acknowledged and is not at fault itself.
const NOT_TAKEN_IN: &str = "not-taken-in";

/// The uploads of a process.
#[derive(Debug, Default)]
pub struct Uploads {
    csv: Counts,
    hl7v3: Counts,
    fhir: Counts,
    records: Counts,
    compared: Count,
    matched: Count,
}

impl Uploads {
    /// An upload was answered.
    pub fn answered(&self, form: WireForm, outcome: &Result<Acknowledgement, ReceptionRefusal>) {
        match outcome {
            Ok(acknowledgement) => self.acknowledged(form, acknowledgement),
            Err(refusal) => self.refused(form, refusal.file_code()),
        }
    }

    /// An upload was acknowledged; again, where it came again.
    pub fn acknowledged(&self, form: WireForm, acknowledgement: &Acknowledgement) {
        self.of(form).one(acknowledgement.code.code());
        let mut taken = 0;
        for record in &acknowledgement.records {
            match record {
                Ok(()) => taken += 1,
                Err(refusal) => self.records.one(refusal.code.code()),
            }
        }
        if taken > 0 {
            self.records.add(RecordCode::Successful.code(), taken);
        }
        if let Some(MatchRate { compared, matched }) = acknowledgement.match_rate {
            let count = |many: usize| u64::try_from(many).unwrap_or(u64::MAX);
            self.compared.add(count(compared));
            self.matched.add(count(matched));
        }
    }

    /// An upload was refused: with the code of a file, where the file is at fault.
    pub fn refused(&self, form: WireForm, code: Option<FileCode>) {
        self.of(form).one(code.map_or(NOT_TAKEN_IN, FileCode::code));
    }

    fn of(&self, form: WireForm) -> &Counts {
        match form {
            WireForm::Csv => &self.csv,
            WireForm::Hl7V3 => &self.hl7v3,
            WireForm::Fhir => &self.fhir,
        }
    }

    /// Tells all of them.
    pub fn tell(&self, page: &mut Page) {
        for form in [WireForm::Csv, WireForm::Hl7V3, WireForm::Fhir] {
            for (outcome, count) in self.of(form).values() {
                page.count(&UPLOADS, &[form.code(), outcome], count);
            }
        }
        page.counts(&RECORDS, &self.records.values());
        page.count(&COMPARED, &[], self.compared.value());
        page.count(&MATCHED, &[], self.matched.value());
    }
}
