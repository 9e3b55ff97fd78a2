//! Values as serde is handed them: the texts of a query, which may stand for numbers, and the members of a body.

use std::borrow::Cow;

use serde::{
    de::{
        Deserializer, Error as _, IntoDeserializer, Unexpected, Visitor,
        value::{MapDeserializer, SeqDeserializer, StringDeserializer},
    },
    forward_to_deserialize_any,
};
use serde_json::Value;

use super::fault::Fault;

/// A parameter's value.
pub struct Text<'a> {
    pub name: Cow<'a, str>,
    pub text: Cow<'a, str>,
}

/// A member's value.
pub struct Member {
    pub name: String,
    pub value: Value,
}

macro_rules! parsed {
    ($($method:ident => $visit:ident, $fault:ident;)*) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
            let value = self.text.parse().map_err(|_| Fault::$fault(&self.name, &self.text))?;
            visitor.$visit(value)
        })*
    };
}

impl<'de> Deserializer<'de> for Text<'_> {
    type Error = Fault;

    parsed! {
        deserialize_bool => visit_bool, no_bool;
        deserialize_i8 => visit_i8, no_whole;
        deserialize_i16 => visit_i16, no_whole;
        deserialize_i32 => visit_i32, no_whole;
        deserialize_i64 => visit_i64, no_whole;
        deserialize_u8 => visit_u8, no_whole;
        deserialize_u16 => visit_u16, no_whole;
        deserialize_u32 => visit_u32, no_whole;
        deserialize_u64 => visit_u64, no_whole;
        deserialize_f32 => visit_f32, no_number;
        deserialize_f64 => visit_f64, no_number;
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_str(&self.text).map_err(|fault: Fault| fault.of(&self.name))
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        let word: StringDeserializer<Fault> = self.text.into_owned().into_deserializer();
        visitor.visit_enum(word).map_err(|fault| fault.of(&self.name))
    }

    forward_to_deserialize_any! {
        i128 u128 char str string bytes byte_buf unit unit_struct seq tuple tuple_struct map struct identifier
        ignored_any
    }
}

impl<'de> Deserializer<'de> for Member {
    type Error = Fault;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        let Self { name, value } = self;
        let read = match value {
            Value::Null => visitor.visit_unit(),
            Value::Bool(value) => visitor.visit_bool(value),
            Value::String(text) => visitor.visit_string(text),
            Value::Number(number) => match (number.as_u64(), number.as_i64(), number.as_f64()) {
                (Some(whole), ..) => visitor.visit_u64(whole),
                (_, Some(whole), _) => visitor.visit_i64(whole),
                (.., Some(real)) => visitor.visit_f64(real),
                _ => Err(Fault::invalid_type(Unexpected::Other("number"), &visitor)),
            },
            Value::Array(values) => {
                let values = values.into_iter().map(|value| Self { name: name.clone(), value });
                SeqDeserializer::new(values).deserialize_any(visitor)
            }
            Value::Object(members) => {
                let members = members.into_iter().map(|(key, value)| (key.clone(), Self { name: key, value }));
                MapDeserializer::new(members).deserialize_any(visitor)
            }
        };
        read.map_err(|fault| fault.of(&name))
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        if self.value.is_null() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        let Self { name, value: Value::String(word) } = self else { return self.deserialize_any(visitor) };
        let word: StringDeserializer<Fault> = word.into_deserializer();
        visitor.visit_enum(word).map_err(|fault| fault.of(&name))
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct seq tuple
        tuple_struct map struct identifier ignored_any
    }
}

impl IntoDeserializer<'_, Fault> for Text<'_> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

impl IntoDeserializer<'_, Fault> for Member {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}
