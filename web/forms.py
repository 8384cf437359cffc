"""The forms of the sign-in."""

from flask_wtf import FlaskForm
from wtforms import PasswordField, StringField, SubmitField
from wtforms.validators import InputRequired, Length


class SignInForm(FlaskForm):  # type: ignore[misc]
    name = StringField("Name", validators=[InputRequired(), Length(max=64)])
    password = PasswordField("Password", validators=[InputRequired(), Length(max=1024)])
    submit = SubmitField("Sign in")


class CodeForm(FlaskForm):  # type: ignore[misc]
    code = StringField("Code", validators=[InputRequired(), Length(max=20)])
    submit = SubmitField("Sign in")


class LinkForm(FlaskForm):  # type: ignore[misc]
    submit = SubmitField("Sign in")
