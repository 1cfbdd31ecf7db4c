//! Takes settings that are numbers and truth values, bare in a file and text in the environment.

use std::ops::RangeInclusive;

use config::{Value, ValueKind};

use super::{ENVIRONMENT, Stated};
use crate::settings::SettingsError;
use crate::settings::error::wrong;

impl Stated {
    /// Takes a setting that is a whole number of `range`.
    pub(in crate::settings) fn whole<T: TryFrom<i64>>(
        &mut self,
        name: &'static str,
        default: T,
        range: RangeInclusive<i64>,
    ) -> Result<T, SettingsError> {
        let Some(value) = self.values.remove(name) else {
            return Ok(default);
        };
        let number = match &value.kind {
            ValueKind::I64(number) => Some(*number),
            ValueKind::String(text) if is_of_environment(&value) => text.parse().ok(),
            _ => None,
        };
        let number = number.filter(|number| range.contains(number));
        number
            .and_then(|number| T::try_from(number).ok())
            .ok_or_else(|| {
                let right = format!("a whole number from {} to {}", range.start(), range.end());
                wrong(name, right, &value.kind)
            })
    }

    /// Takes a setting that is `true` or `false`.
    pub(in crate::settings) fn truth(
        &mut self,
        name: &'static str,
        default: bool,
    ) -> Result<bool, SettingsError> {
        let Some(value) = self.values.remove(name) else {
            return Ok(default);
        };
        let truth = match &value.kind {
            ValueKind::Boolean(truth) => Some(*truth),
            ValueKind::String(text) if is_of_environment(&value) => text.parse().ok(),
            _ => None,
        };
        truth.ok_or_else(|| wrong(name, "true or false".to_owned(), &value.kind))
    }
}

fn is_of_environment(value: &Value) -> bool {
    value.origin() == Some(ENVIRONMENT)
}
