"""Etherchannel."""
