//! The fields of an upload's record, by the names that every wire form shares: a refusal names the
//! field at fault, and each form says where it stands (REPC_MT000002GB01).

/// A field of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RecordField {
    /// What the plan is.
    PlanKind,
    /// The child's NHS number, or the mother's for an unborn child's plan.
    NhsNumber,
    /// The authority's own identifier for the child.
    LocalId,
    /// The authority.
    Authority,
    /// The date of birth.
    BirthDate,
    /// The plan's first day.
    StartDate,
    /// The plan's last day, or the due date.
    EndDate,
    /// The day of withdrawal.
    DeleteDate,
    /// The family name.
    FamilyName,
    /// All given names.
    GivenNames,
}

impl RecordField {
    /// Every field; of several faults in a record, the first in this order is named.
    pub const ALL: [Self; 10] = [
        Self::PlanKind,
        Self::NhsNumber,
        Self::LocalId,
        Self::Authority,
        Self::BirthDate,
        Self::StartDate,
        Self::EndDate,
        Self::DeleteDate,
        Self::FamilyName,
        Self::GivenNames,
    ];

    /// Its name: what a column of CSV is called, and what is kept beside a refused record.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::PlanKind => "plan_kind",
            Self::NhsNumber => "nhs_number",
            Self::LocalId => "local_id",
            Self::Authority => "authority",
            Self::BirthDate => "birth_date",
            Self::StartDate => "start_date",
            Self::EndDate => "end_date",
            Self::DeleteDate => "delete_date",
            Self::FamilyName => "family_name",
            Self::GivenNames => "given_names",
        }
    }

    /// The field of a name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|field| field.name() == name)
    }
}

#[cfg(test)]
mod tests {
    use super::RecordField;

    #[test]
    fn every_field_is_found_by_its_name() {
        for field in RecordField::ALL {
            assert_eq!(RecordField::parse(field.name()), Some(field));
        }
        assert_eq!(RecordField::parse("religion"), None);
    }
}
