# What docs/picture/record.py types in the sample repository, with an empty line between commands: from prompts in code to
# a first verdict, and to the verdict about an edit. The last command ends with exit status 1.

cat app/utils.py

prompt-assay init --yes

prompt-assay eval --base none --scripted .prompt-assay/rules.yaml

git add --all && git commit --quiet --message "Prompts and their cases"

sed -i 's/Answer as JSON/Greet the customer, and answer as JSON/' prompts.yaml

cat >> .prompt-assay/rules.yaml <<'END'
rules:
  - when: {system: greet the customer}
    text: 'Dear customer! {"intent": "refund"}'
END

prompt-assay eval --scripted .prompt-assay/rules.yaml
