export const fhir = {
  title: '取り込めなかった FHIR の依頼',
  lead: '送信元には理由を返しています。同じ番号の依頼があらためて届くと、この一覧から消えます。',
  sender: '送信元',
  place: '操作',
  dismissTitle: 'この送信内容を対応済みにしますか',
  dismissLead: '取り込まずに終えます。送信内容と理由は記録に残ります。',
};
