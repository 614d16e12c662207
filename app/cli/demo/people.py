"""Invented people: names as they sound in Mexico, addresses that cannot reach anyone (RFC 2606)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from random import Random

from models.assembly import Gender

_WOMEN = (
    "Adriana", "Alma Delia", "Amparo", "Angélica", "Araceli", "Aurora", "Beatriz", "Berenice", "Blanca Estela", "Brenda", "Carmen",
    "Catalina",
    "Cecilia", "Citlali", "Concepción", "Consuelo", "Cristina", "Dalia", "Daniela", "Dolores", "Dulce María", "Elena", "Elvira",
    "Erika", "Esperanza",
    "Estela", "Eugenia", "Fabiola", "Fernanda", "Flor", "Gabriela", "Genoveva", "Gloria", "Graciela", "Guadalupe", "Hortensia",
    "Imelda", "Inés",
    "Irma", "Isabel", "Itzel", "Jacinta", "Jazmín", "Josefina", "Juana", "Julieta", "Karina", "Laura", "Leticia", "Lidia",
    "Lorena", "Lourdes", "Lucía",
    "Luz María", "Magdalena", "Margarita", "María de Jesús", "Maribel", "Maricela", "Marisol", "Martha", "Mercedes", "Micaela",
    "Minerva", "Miriam",
    "Mónica", "Nayeli", "Norma", "Ofelia", "Olga", "Oralia", "Paola", "Patricia", "Paula", "Petra", "Pilar", "Raquel", "Rebeca",
    "Refugio", "Remedios",
    "Rocío", "Rosa Isela", "Rosalba", "Ruth", "Sandra", "Silvia", "Socorro", "Sofía", "Soledad", "Susana", "Tania", "Teresa",
    "Trinidad", "Valeria",
    "Verónica", "Victoria", "Virginia", "Xóchitl", "Yolanda", "Zenaida",
)
_MEN = (
    "Abel", "Adán", "Agustín", "Alberto", "Alejandro", "Alfonso", "Alfredo", "Álvaro", "Andrés", "Ángel", "Antonio", "Armando",
    "Arturo", "Aurelio",
    "Benjamín", "Bernardo", "Camilo", "Carlos", "Cándido", "César", "Crescencio", "Cuauhtémoc", "Daniel", "David", "Demetrio",
    "Diego", "Edgar",
    "Eduardo", "Efraín", "Emilio", "Enrique", "Erasmo", "Ernesto", "Esteban", "Eusebio", "Ezequiel", "Fausto", "Federico",
    "Felipe", "Fermín",
    "Fernando", "Fidel", "Filiberto", "Francisco", "Gabriel", "Genaro", "Gerardo", "Gilberto", "Gonzalo", "Gregorio", "Guillermo",
    "Gustavo", "Héctor",
    "Heriberto", "Hilario", "Horacio", "Hugo", "Humberto", "Ignacio", "Isaías", "Ismael", "Iván", "Jacinto", "Jaime", "Javier",
    "Jesús", "Joaquín",
    "Joel", "Jorge", "José Luis", "Juan Carlos", "Julián", "Lázaro", "Leobardo", "Leonel", "Lorenzo", "Lucio", "Manuel",
    "Marcelino", "Marcos", "Mario",
    "Martín", "Mauricio", "Miguel", "Moisés", "Nicolás", "Noé", "Octavio", "Omar", "Óscar", "Pablo", "Pedro", "Rafael", "Ramiro",
    "Raúl", "Ricardo",
    "Roberto", "Rodrigo", "Rubén", "Salvador", "Santiago", "Saúl", "Sergio", "Tomás", "Ulises", "Valentín", "Vicente", "Víctor",
    "Wenceslao",
)
_SURNAMES = (
    "Aguirre", "Alcántara", "Alvarado", "Amezcua", "Arellano", "Arriaga", "Ávila", "Ayala", "Baeza", "Balderas", "Barragán",
    "Barrios", "Becerril",
    "Benítez", "Bermúdez", "Bernal", "Bonilla", "Bravo", "Bustos", "Caballero", "Calderas", "Camacho", "Campos", "Cárdenas",
    "Carmona", "Carranza",
    "Castañeda", "Castillo", "Cedillo", "Cervantes", "Chávez", "Cisneros", "Contreras", "Corona", "Cortés", "Cruz", "Cuevas",
    "Delgadillo", "Domínguez",
    "Durán", "Elizalde", "Escamilla", "Escobedo", "Espinosa", "Esquivel", "Estrada", "Fajardo", "Figueroa", "Flores", "Fonseca",
    "Franco", "Fuentes",
    "Galindo", "Gallardo", "Galván", "Gámez", "Garduño", "Godínez", "Granados", "Guerrero", "Guzmán", "Hernández", "Herrera",
    "Hinojosa", "Huerta",
    "Ibarra", "Islas", "Jaimes", "Jiménez", "Juárez", "Lagunas", "Landa", "Lara", "Ledesma", "Leyva", "Linares", "López", "Lozano",
    "Lugo", "Luna",
    "Macías", "Madrigal", "Maldonado", "Manzano", "Márquez", "Martínez", "Medina", "Mejía", "Melgarejo", "Mendoza", "Meneses",
    "Mireles", "Miranda",
    "Montaño", "Mora", "Morales", "Moreno", "Munguía", "Nájera", "Navarrete", "Nava", "Núñez", "Ocampo", "Ochoa", "Olguín",
    "Olvera", "Ordaz", "Orozco",
    "Ortega", "Osorio", "Pacheco", "Padilla", "Palacios", "Paredes", "Peralta", "Pérez", "Pineda", "Ponce", "Quintero", "Quiroz",
    "Ramírez", "Rangel",
    "Resendiz", "Reyes", "Reynoso", "Ríos", "Rivas", "Robles", "Rojas", "Romero", "Rosales", "Rosas", "Rubio", "Ruiz", "Salas",
    "Salgado", "Sánchez",
    "Sandoval", "Santillán", "Segura", "Serrano", "Sierra", "Solano", "Solís", "Soto", "Tapia", "Tejeda", "Téllez", "Toledo",
    "Torres", "Trejo", "Uribe",
    "Valadez", "Valdés", "Valencia", "Vargas", "Vega", "Velasco", "Venegas", "Vera", "Villalobos", "Villegas", "Xolalpa", "Yáñez",
    "Zamora", "Zaragoza",
    "Zárate", "Zavala", "Zúñiga",
)


class Home(StrEnum):
    """Where a person's address is; neither domain exists."""

    STAFF = "tecolomilpan.example"
    NEIGHBOUR = "example.org"


@dataclass(frozen=True)
class Person:
    """``name`` with two surnames; ``email`` unique within one series, lower case ASCII."""

    name: str
    email: str
    gender: Gender


def people(rng: Random, home: Home) -> Iterator[Person]:
    """An endless series of people; the same Random gives the same people in the same order."""
    taken: dict[str, int] = {}
    while True:
        gender = Gender.WOMEN if rng.random() < 0.56 else Gender.MEN
        given = rng.choice(_WOMEN if gender is Gender.WOMEN else _MEN)
        first, second = rng.choice(_SURNAMES), rng.choice(_SURNAMES)
        address = f"{_plain(given).split()[0]}.{_plain(first)}"
        taken[address] = taken.get(address, 0) + 1
        number = str(taken[address]) if taken[address] > 1 else ""
        yield Person(f"{given} {first} {second}", f"{address}{number}@{home}", gender)


def _plain(text: str) -> str:
    bare = unicodedata.normalize("NFD", text.lower()).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z ]", "", bare)
