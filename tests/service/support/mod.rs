//! What the chapters share: a service of their own, with a clock they stop, callers, and uploads.

mod answers;
mod clock;
mod database;
mod hl7v3;
mod ids;
mod logs;
mod own_cluster;
mod pds;
mod people;
mod plans;
mod processes;
mod program;
mod promises;
mod register;
mod searches;
mod service;
mod uploads;
mod urls;
mod wire;

pub use answers::Answer;
pub use clock::wait_until;
pub use database::cluster;
pub use hl7v3::hl7v3_file;
pub use ids::Ids;
pub use logs::lines;
pub use own_cluster::OwnCluster;
pub use pds::{Fault, Pds, TOKEN, outcome, patient};
pub use people::{Person, a_person};
pub use plans::{PlanLine, a_plan, file};
pub use program::{assert_one_line, errors, program, words};
pub use promises::{list, promised, resources, statement};
pub use searches::{a_doctor, nhs};
pub use service::TestService;
pub use uploads::{Acknowledgement, TAKEN, nhs_numbers};
pub use urls::form;
pub use wire::{said, say};
