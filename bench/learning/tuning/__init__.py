"""Tuning: the values that are tried, the result of each trial, and the choice by validation images."""
