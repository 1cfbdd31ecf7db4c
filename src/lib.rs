//! CP-IS as a FHIR R4 facade: the map, in reading order.

pub mod clock;
pub mod instruments;
pub mod metrics;
pub mod settings;
pub mod telemetry;

pub mod commands;
pub mod server;
pub mod start;

pub mod api;

pub mod budgets;
pub mod disclosure;
pub mod intake;
pub mod key_sets;
pub mod notifier;
pub mod outside;
pub mod reception;
pub mod sealing;
pub mod security_log;

pub mod demographics;
pub mod domain;

pub mod fhir;
pub mod messages;

pub mod mesh;

pub mod identity;
pub mod secrets;
pub mod store;

pub mod openapi;
pub mod routes;
pub mod sandbox;
