"""Reads rehearsals from products that are no cloud: chaos tools, and records that CI sent."""
