"""Draws any recording: python3 -m tutti.plot RUN_FOLDER

SPDX-License-Identifier: Apache-2.0
"""
